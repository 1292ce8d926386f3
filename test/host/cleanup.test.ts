import { expect, test, vi } from 'vitest';
import { cleanUpOnExit } from '../../src/host/cleanup.js';

test('a signal cleans up and ends the process with the status that shells expect', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((status) => {
    throw new Error(`exit ${status}`);
  });
  const forget = cleanUpOnExit(() => {});
  expect(() => process.emit('SIGTERM', 'SIGTERM')).toThrow('exit 143');
  forget();
  exit.mockRestore();
});

test('a command that listens itself is left to end by itself', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('ended');
  });
  const forget = cleanUpOnExit(() => {});
  let heard = 0;
  const listen = (): void => {
    heard++;
  };
  process.on('SIGINT', listen);
  process.emit('SIGINT', 'SIGINT');
  process.off('SIGINT', listen);
  expect(heard).toBe(1);
  expect(exit).not.toHaveBeenCalled();
  forget();
  exit.mockRestore();
});

test('with nothing registered, signals keep their own effect', () => {
  const before = process.listenerCount('SIGINT');
  const forget = [cleanUpOnExit(() => {}), cleanUpOnExit(() => {})];
  expect(process.listenerCount('SIGINT')).toBe(before + 1);
  for (const f of forget) f();
  for (const f of forget) f();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
