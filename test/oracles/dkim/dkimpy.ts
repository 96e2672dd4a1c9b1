/**
 * dkimpy as one process: questions go in and answers come out a line each, in the same order.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { requireFile } from '../../helpers/real-parts.js';

const MODULE = '/usr/lib/python3/dist-packages/dkim/__init__.py';
/** The interpreter for which Debian installs its modules. */
const PYTHON = '/usr/bin/python3';

export const dkimpyIsThere: boolean = requireFile(MODULE, 'python3-dkim') !== undefined;

export type KeyRecords = Readonly<Record<string, string>>;

/** A whole message as text, an octet a character. */
type Message = string;

export interface SignOrder {
  readonly domain: string;
  readonly selector: string;
  /** Private key: PEM for RSA, base64 of 32 octets for Ed25519. */
  readonly key: string;
  readonly algorithm: 'rsa-sha256' | 'rsa-sha1' | 'ed25519-sha256';
  readonly form: string;
  readonly identity?: string;
  readonly names?: readonly string[];
  readonly length?: boolean;
}

export interface SealOrder {
  readonly domain: string;
  readonly selector: string;
  readonly key: string;
  /** Whose Authentication-Results in the message are taken into the chain. */
  readonly server: string;
}

export interface Dkimpy {
  /** The DKIM-Signature field with its CRLF. */
  sign(message: Message, order: SignOrder): Promise<string>;
  /** What becomes of each of the first `count` signatures: `pass`, `fail`, or its words for a fault. */
  verify(message: Message, count: number, keys: KeyRecords): Promise<readonly string[]>;
  /** The three fields of one more ARC set. */
  seal(message: Message, order: SealOrder): Promise<string>;
  /** `none`, `pass` or `fail`, and why. */
  chain(message: Message, keys: KeyRecords): Promise<readonly [string, string]>;
  stop(): Promise<void>;
}

type Answer = { readonly said: unknown } | { readonly fault: string };

export function startDkimpy(): Dkimpy {
  const script = fileURLToPath(new URL('./dkimpy-oracle.py', import.meta.url));
  const child = spawn(PYTHON, [script], { stdio: ['pipe', 'pipe', 'pipe'] });
  const waiting: ((answer: Answer) => void)[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2000);
  });
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) =>
    waiting.shift()?.(JSON.parse(line) as Answer),
  );
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      for (const answer of waiting) answer({ fault: `dkimpy has ended: ${complaints}` });
      resolve();
    });
  });

  async function ask(what: string, message: Message, more: object): Promise<unknown> {
    const question = { do: what, message: Buffer.from(message, 'latin1').toString('base64'), ...more };
    const answer = await new Promise<Answer>((resolve) => {
      waiting.push(resolve);
      child.stdin.write(`${JSON.stringify(question)}\n`);
    });
    if ('fault' in answer) throw new Error(answer.fault);
    return answer.said;
  }
  const decoded = (said: unknown): string => Buffer.from(String(said), 'base64').toString('latin1');
  return {
    sign: async (message, order) => decoded(await ask('sign', message, order)),
    verify: async (message, count, keys) => (await ask('verify', message, { count, keys })) as string[],
    seal: async (message, order) => decoded(await ask('seal', message, order)),
    chain: async (message, keys) => (await ask('chain', message, { keys })) as [string, string],
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
