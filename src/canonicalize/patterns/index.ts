/**
 * All rules, by the phase in which they run. Within a phase the order does not decide what is found, only which of two
 * rules looks first. Adding a pattern: one file, one line here, one case that fires and one that must not.
 */
import type { Rule } from '../rewrite.js';
import { cancelStraightThrough } from './cancel-straight-through.js';
import { dropCopies } from './drop-copies.js';
import { dropExpand } from './drop-expand.js';
import { dropNeutralOperands } from './drop-neutral-operands.js';
import { makeClip, makeHardSigmoid, makeHardSwish, makeSwish, splitSum } from './make-activations.js';
import { addGemmBias, makeGemm } from './make-gemm.js';
import { makeGlobalAveragePool } from './make-global-average-pool.js';
import { factorBranches, makePrelu } from './make-prelu.js';
import { makeSign, negateSign, settleSignOfZero } from './make-sign.js';
import { makeWhere } from './make-where.js';
import { mergePad } from './merge-pad.js';
import { mergeReshapes } from './merge-reshapes.js';
import { moveConstantsSecond } from './move-constants-second.js';
import { moveSliceUp } from './move-slice-up.js';
import { resolveWindows } from './resolve-windows.js';
import { settleSoftmax } from './settle-softmax.js';
import { shrinkConstantOperands } from './shrink-constant-operands.js';

/** Before constants are folded: what cancels exactly must not leave rounding noise in weights. */
export const BEFORE_FOLDING: readonly Rule[] = [dropCopies, cancelStraightThrough, settleSignOfZero, dropExpand];

/** On one sample, everything that can be folded folded. */
export const TO_DIALECT: readonly Rule[] = [
  dropCopies,
  cancelStraightThrough,
  dropExpand,
  dropNeutralOperands,
  moveConstantsSecond,
  shrinkConstantOperands,
  mergeReshapes,
  resolveWindows,
  mergePad,
  makeGemm,
  addGemmBias,
  makeGlobalAveragePool,
  splitSum,
  makeWhere,
  factorBranches,
  makePrelu,
  moveSliceUp,
  makeSign,
  negateSign,
  makeHardSwish,
  makeHardSigmoid,
  makeSwish,
  makeClip,
  settleSoftmax,
];
