/**
 * The library: bytes in, data out. Nothing here touches a file system or starts a process; `loadAssets` and the other helpers
 * for Node are under 'dybnn-compile/node'.
 */
export { type FloatArray, readNpy, writeNpy } from './arrays/npy.js';
export {
  type Compiled,
  type CompileOptions,
  compile,
  FIRST_LAST,
  type FirstLast,
  NUMERIC_MODES,
  type NumericMode,
  TARGETS,
  type Target,
} from './compile.js';
export { CODES, type CodeEntry, type DiagnosticCode } from './diagnostics/codes.js';
export { type Diagnostic, DiagnosticError, type Severity } from './diagnostics/diagnostic.js';
export { type RenderOptions, renderDiagnostics } from './diagnostics/render-diagnostic.js';
export type { DynamicUnit } from './inspect/dynamic-units.js';
export type { FloatLayer, InspectReport, LayerNumbers, LayerReport } from './inspect/inspect-program.js';
export { inspect, type SimulateOptions, type Simulation, simulate } from './library.js';
export type { ExternalRead, ReadExternal } from './onnx/index.js';
export { type FrontEndOptions, STAGES, type Stage } from './pipeline.js';
export type { Program, Step } from './program/program.js';
export type {
  CheckedStep,
  ComparedStep,
  MeasuredTimes,
  NearStep,
  NumberSource,
  ReportAccelerator,
  ReportBuffer,
  ReportConstant,
  ReportData,
  ReportEdge,
  ReportNode,
  VerifiedFlip,
  VerifiedLayer,
  VerifyResults,
} from './report/report-data.js';
export type { Assets, GeneratedFiles } from './target/files.js';
export { VERSION } from './version.js';
