/** Comments and literals as C spells them. */

/** Text that cannot end a C comment, leave its line, or hold anything but printable ASCII. */
export function commentText(text: string): string {
  const safe = text
    .replace(/[^\x20-\x7e]/g, '?')
    .replace(/\*\//g, '* /')
    .replace(/\/\*/g, '/ *')
    .replace(/\\/g, '/')
    .replace(/\?\?/g, '? ?');
  return safe.length > 160 ? `${safe.slice(0, 157)}...` : safe;
}

/** The shortest decimal that reads back as the same binary32. */
export function floatLiteral(value: number): string {
  if (Object.is(value, -0)) return '-0.0f';
  for (let digits = 1; digits <= 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) {
      const plain = Number(text).toString();
      return `${/[.e]/.test(plain) ? plain : `${plain}.0`}f`;
    }
  }
  throw new Error(`${value} is not a finite binary32`);
}

/** Breaks a list of literals into lines of at most `width` characters. */
export function wrapLiterals(literals: Iterable<string>, width = 118): string {
  const lines: string[] = [];
  let line = ' ';
  for (const literal of literals) {
    if (line.length + literal.length + 2 > width) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${literal},`;
  }
  lines.push(line);
  return lines.join('\n');
}
