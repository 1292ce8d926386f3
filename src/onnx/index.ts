/** Reading ONNX: what the other stages use. (The reader of external files, node-external-data.ts, is the host's.) */
export { describeNode, displayName } from './describe.js';
export type { ExternalRead, ReadExternal } from './external-data.js';
export { type ImportOptions, importOnnx } from './import-onnx.js';
export type * from './onnx-graph.js';
export { type PrintOptions, printOnnxGraph } from './print-onnx-graph.js';
export { verifyOnnxGraph } from './verify-onnx-graph.js';
