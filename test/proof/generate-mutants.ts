/** Every small change to a file by rule: each operator, comparison and constant of its code, one at a time. */

/** What each token becomes. Spaces around operators tell them from signs, pointers and casts. */
const RULES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/ \+ /g, [' - ']],
  [/ - /g, [' + ']],
  [/ \* /g, [' + ']],
  [/ \/ /g, [' * ']],
  [/ % /g, [' / ']],
  [/ < /g, [' <= ', ' > ']],
  [/ > /g, [' >= ', ' < ']],
  [/ <= /g, [' < ']],
  [/ >= /g, [' > ']],
  [/ === /g, [' !== ']],
  [/ !== /g, [' === ']],
  [/ == /g, [' != ']],
  [/ && /g, [' || ']],
  [/ \|\| /g, [' && ']],
  [/ << /g, [' >> ']],
  [/ >> /g, [' << ']],
  [/ \^ /g, [' | ']],
  [/ & /g, [' | ']],
  [/ \|= /g, [' ^= ', ' &= ']],
  [/ \+= /g, [' -= ']],
  [/\b0\.0f\b/g, ['1.0f', '-0.0f']],
  [/\b1\.0f\b/g, ['0.5f']],
  [/(?<=[ (])0(?=[;,) ])/g, ['1']],
  [/(?<=[ (])1(?=[;,) ])/g, ['2']],
  [/(?<=[ (])2(?= \*)/g, ['1']],
  [/ \? (.+?) : (.+?)(?=[;)])/g, [' ? $2 : $1']],
];

export interface Generated {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

export function generate(file: string, text: string): readonly Generated[] {
  const lines = text.split('\n');
  let inComment = false;
  return lines.flatMap((line, index): Generated[] => {
    const comment = inComment || /^\s*\/\*/.test(line);
    inComment = comment && !line.includes('*/');
    if (comment || /^\s*#/.test(line)) return [];
    const code = line.replace(/\/\*.*?\*\//g, (c) => ' '.repeat(c.length));
    return RULES.flatMap(([pattern, becomes]) =>
      [...code.matchAll(pattern)].flatMap((match) =>
        becomes.map((put): Generated => {
          const replaced = put.replace(/\$(\d)/g, (_, group: string) => match[Number(group)]!);
          const after = code.slice(0, match.index) + replaced + code.slice(match.index + match[0].length);
          const changed = [...lines.slice(0, index), after, ...lines.slice(index + 1)].join('\n');
          return { file, line: index + 1, before: line.trim(), after: after.trim(), text: changed };
        }),
      ),
    );
  });
}
