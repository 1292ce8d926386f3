/** Where a pragma stands: it belongs to the braces that it is in. */
import { declarationsOf, type Item, type PragmaItem } from './cpp-outline.js';
import { type Frame, functionAround, innermost } from './names.js';
import type { PragmaRule } from './pragma-table.js';
import type { Context } from './problem.js';

export function checkPlace(
  item: PragmaItem,
  upper: string,
  rule: PragmaRule,
  before: readonly Item[],
  frames: readonly Frame[],
  context: Context,
): void {
  const report = (what: string, hint: string): void => context.report(item.line, 'placement', `${upper} ${what}`, hint);
  if (item.detached)
    return report(
      'stands inside a statement, or before the brace',
      'put it right after an opening brace, or after a statement',
    );
  const inside = innermost(frames).kind;
  if (functionAround(frames) === undefined)
    return report('stands outside every function', 'put it into the body that it is meant for');
  const isBody = inside === 'function' || inside === 'lambda';
  switch (rule.place) {
    case 'loop':
      if (inside !== 'loop')
        return report(`stands in a ${inside}, not in a loop`, 'put it right after the brace of its loop');
      break;
    case 'function':
      if (!isBody)
        return report(`stands in a ${inside}, not right in a function`, "put it right after the function's brace");
      break;
    case 'function-or-loop':
      if (!isBody && inside !== 'loop')
        return report(
          `stands in a ${inside}, which is neither a loop nor a function`,
          'put it right after the brace that it is meant for',
        );
      break;
    case 'inner-region':
      if (isBody) return report('stands right in a function', 'put it into a block of its own');
      break;
    case 'region':
    case 'scope-of-variable':
      break;
  }
  // What shapes the loop comes first in it; a dataflow's channels may be declared before it is said to be one.
  const shapesLoop = inside === 'loop' && (rule.place === 'loop' || upper === 'PIPELINE' || upper === 'DATAFLOW');
  const mayPrecede = (i: Item): boolean =>
    i.kind === 'pragma' || (upper === 'DATAFLOW' && i.kind === 'statement' && declarationsOf(i.tokens).length > 0);
  if (shapesLoop && !before.every(mayPrecede)) {
    report("is not at the beginning of its loop's body", 'put it right after the brace');
  }
}
