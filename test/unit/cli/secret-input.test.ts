import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createSecretInput, type SecretReading } from '../../../src/cli/secret-input.js';

/** A terminal of which the test is the keyboard. */
function createKeyboard() {
  const modes: boolean[] = [];
  const written: string[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  const input = createSecretInput(stdin, (text) => written.push(text));
  return { stdin, modes, written, input };
}

describe('ask', () => {
  async function typed(...keys: readonly (string | Buffer)[]): Promise<SecretReading> {
    const { stdin, input } = createKeyboard();
    const answer = input.ask('Password: ');
    for (const key of keys) stdin.write(key);
    return await answer;
  }

  it('reads a line without showing it, and gives the terminal back', async () => {
    const { stdin, modes, written, input } = createKeyboard();
    expect(input.isInteractive).toBe(true);
    const answer = input.ask('Password: ');
    for (const key of 'secret\r') stdin.write(key);
    await expect(answer).resolves.toEqual({ status: 'ok', text: 'secret' });
    expect(modes).toEqual([true, false]);
    expect(written).toEqual(['Password: ', '\n']);
  });

  it.each([
    ['backspace', ['caf\u00e9', '\x7f', 'e\r'], 'cafe'],
    ['backspace at the beginning', ['\x7f\x08a\r'], 'a'],
    ['Ctrl-U', ['wrong\x15right\n'], 'right'],
    ['Ctrl-D after text', ['text\x04'], 'text'],
    ['an empty line', ['\r'], ''],
    ['a letter in two pieces', [Buffer.from([0xc3]), Buffer.from([0xa9, 0x0d])], '\u00e9'],
  ])('knows %s', async (_what, keys, text) => {
    expect(await typed(...keys)).toEqual({ status: 'ok', text });
  });

  it.each([['abc\x03'], ['\x04']])('is cancelled by %j', async (keys) => {
    expect(await typed(keys)).toEqual({ status: 'cancelled' });
  });

  it('is cancelled by the end of the input', async () => {
    const { stdin, input } = createKeyboard();
    const answer = input.ask('Password: ');
    stdin.end('abc');
    await expect(answer).resolves.toEqual({ status: 'cancelled' });
  });

  it.each([[Buffer.from([0xe9, 0x0d])], [`${'x'.repeat(10_000)}\r`]])(
    'refuses what is no password',
    async (keys) => {
      expect((await typed(keys)).status).toBe('refused');
    },
  );

  it('keeps what was typed ahead for the next question', async () => {
    const { stdin, input } = createKeyboard();
    const first = input.ask('Password: ');
    stdin.write('one\rtwo\r');
    await expect(first).resolves.toEqual({ status: 'ok', text: 'one' });
    await expect(input.ask('Once more: ')).resolves.toEqual({ status: 'ok', text: 'two' });
  });
});

describe('readLine', () => {
  async function piped(...chunks: readonly (string | Buffer)[]): Promise<SecretReading> {
    const stdin = new PassThrough();
    for (const chunk of chunks) stdin.write(chunk);
    stdin.end();
    return await createSecretInput(stdin, () => undefined).readLine();
  }

  it.each([
    [['secret\n'], 'secret'],
    [['sec', 'ret\r\nmore\n'], 'secret'],
    [['no end'], 'no end'],
    [['\n'], ''],
  ])('takes the first line of %j', async (chunks, text) => {
    expect(await piped(...chunks)).toEqual({ status: 'ok', text });
  });

  it('is cancelled by an empty input, and refuses a long one and what is not UTF-8', async () => {
    expect(await piped()).toEqual({ status: 'cancelled' });
    expect((await piped('x'.repeat(5000))).status).toBe('refused');
    expect((await piped(Buffer.from([0xff, 0x0a]))).status).toBe('refused');
  });
});
