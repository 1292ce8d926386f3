/** Windows that the hardware back end makes itself. */
import type { Window } from '../../bnn/bnn-graph.js';

export const ONE_TAP: Window = {
  kernelHeight: 1,
  kernelWidth: 1,
  strideHeight: 1,
  strideWidth: 1,
  dilationHeight: 1,
  dilationWidth: 1,
  padTop: 0,
  padLeft: 0,
  padBottom: 0,
  padRight: 0,
};
