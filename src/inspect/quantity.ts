/** Numbers for people: three digits and a unit. */

/** 4824000000 -> "4.82 G", 0 -> "0" */
export function quantity(value: number): string {
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P']);
}

/** 1536 -> "1.50 KiB" */
export function byteSize(value: number): string {
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let unit = 0;
  let rest = value;
  // 999.5 would print as 1000.
  while (rest >= (base === 1000 ? 999.5 : 1000) && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const digits = unit === 0 ? String(Math.round(rest)) : rest.toFixed(rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0);
  return `${digits} ${units[unit]}`.trim();
}

/** [3, 224, 224] -> "3x224x224" */
export function shapeOf(dims: readonly number[]): string {
  return dims.join('x');
}

/** 16, 11 -> "int16 Q5.11"; a fraction below 0 or above the width leaves one of the two parts empty. */
export function fixedFormat(bits: 16 | 32, fraction: number): string {
  return `int${bits} Q${bits - fraction}.${fraction}`;
}
