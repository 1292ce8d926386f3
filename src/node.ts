/**
 * 'dybnn-compile/node': files for the library, under Node.
 *
 *     import { compile } from 'dybnn-compile';
 *     import { loadAssets, readModel, writeProject } from 'dybnn-compile/node';
 *
 *     const { bytes, ...model } = readModel('net.onnx');
 *     writeProject('out', compile(bytes, model, loadAssets()).files);
 */
export { loadAssets } from './host/load-assets.js';
export { type ModelFile, readModel } from './host/read-model.js';
export { writeProject } from './host/write-project.js';
