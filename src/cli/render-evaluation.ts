/** A Score on a terminal. */
import pc from 'picocolors';
import { safeText } from '../diagnostics/safe-text.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { Score } from '../evaluate/score.js';
import { fitText, renderTable } from './table.js';

const WORST_CLASSES = 5;
const SHOWN_MISTAKES = 3;

export interface ScoreView {
  readonly width: number;
  readonly color: boolean;
}

export function renderScore(evaluation: Evaluation, score: Score, view: ScoreView): string {
  const c = pc.createColors(view.color);
  const part = score.samples === score.total ? '' : ` of ${score.total}`;
  const mode = numbersWord(evaluation);
  const title = `${score.samples}${part} samples: ${safeText(evaluation.model.name, 80)}${mode} on ${safeText(evaluation.images, 200)}`;
  const showsTop5 = evaluation.classes > 5;
  const blocks = [
    c.bold(fitText(title, view.width)),
    renderTable(
      [
        { title: 'engine', align: 'left', cell: (e) => e.engine },
        { title: 'top-1', align: 'right', cell: (e) => percent(e.top1, score.samples) },
        { title: 'right', align: 'right', cell: (e) => String(e.top1) },
        ...(showsTop5
          ? [
              {
                title: 'top-5',
                align: 'right' as const,
                cell: (e: Score['engines'][number]) => percent(e.top5, score.samples),
              },
            ]
          : []),
      ],
      score.engines,
      view,
    ),
  ];
  if (score.agreements.length > 0) {
    blocks.push(
      score.agreements
        .map(({ engines, sameClass, sameBits }) => {
          const bits = sameBits === null ? '' : `, same bits ${sameBits} of ${score.samples}`;
          return `${engines[0]} and ${engines[1]}: same class ${sameClass} of ${score.samples}${bits}`;
        })
        .join('\n'),
    );
  }
  const { numbers } = evaluation;
  if (numbers?.numeric === 'fixed16') blocks.push(c.dim(clippedText(score)));
  const worst = score.classes.filter((k) => k.right < k.count).slice(0, WORST_CLASSES);
  if (worst.length > 0) {
    const nameOf = (label: number): string => {
      const name = evaluation.classNames[label];
      return name === undefined ? String(label) : `${label} ${safeText(name, 30)}`;
    };
    blocks.push(
      `${c.bold('worst classes')}\n${renderTable(
        [
          { title: '  class', align: 'left', cell: (k) => `  ${nameOf(k.label)}`, shrinkTo: 10 },
          { title: 'right', align: 'right', cell: (k) => percent(k.right, k.count) },
          { title: 'of', align: 'right', cell: (k) => String(k.count) },
          {
            title: 'taken for',
            align: 'left',
            cell: (k) =>
              k.takenFor
                .slice(0, SHOWN_MISTAKES)
                .map((t) => `${nameOf(t.label)} (${t.count})`)
                .join(', '),
            shrinkTo: 12,
          },
        ],
        worst,
        view,
      )}`,
    );
  }
  return `${blocks.join('\n\n')}\n`;
}

function numbersWord({ numbers }: Evaluation): string {
  if (numbers === undefined) return '';
  return numbers.numeric === 'fixed16' ? ' in fixed16' : ' with int8 ends';
}

function clippedText({ saturated }: Score): string {
  if (saturated === null)
    return 'fixed16; what is clipped to 16 bits is counted by the simulator: --engine c,simulator';
  const total = Object.values(saturated).reduce((sum, n) => sum + n, 0);
  return total === 0 ? 'fixed16; nothing was clipped to 16 bits' : `fixed16; ${total} values were clipped to 16 bits`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`;
}
