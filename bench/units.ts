/** Numbers as people read them. */
export function milliseconds(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms >= 1 ? ms.toFixed(2) : ms.toFixed(3);
}

export function times(factor: number): string {
  return factor >= 99.5 ? factor.toFixed(0) : factor >= 9.95 ? factor.toFixed(1) : factor.toFixed(2);
}

export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} GB`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} MB`;
  return `${(count / 1e3).toFixed(0)} kB`;
}

export function macs(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(2)} G` : `${(count / 1e6).toFixed(count >= 1e8 ? 0 : 1)} M`;
}

export const percent = (fraction: number): string => `${(100 * fraction).toFixed(0)} %`;
