/**
 * A Resolver over a literal map: `{ 'example.org MX': [...], 'dead.example A': 'timeout' }`.
 *
 * A key is name and type. A value is a list of records, `'nxdomain'`, `'none'` (the name has no
 * record of the type), or a trouble. A name that no key mentions does not exist; a type that no
 * key mentions is `none`. `asked` holds every question in order.
 */
import { foldName } from '../../src/dns/host-name.js';
import type {
  DnsOutcome,
  DnsTrouble,
  MxRecord,
  RecordData,
  RecordType,
  Resolver,
} from '../../src/dns/resolver.js';

type FakeAnswer = readonly string[] | readonly MxRecord[] | 'nxdomain' | 'none' | DnsTrouble;

export interface FakeResolver extends Resolver {
  readonly asked: readonly string[];
  /** Changes or adds an answer. */
  set(question: string, answer: FakeAnswer): void;
}

const TTL_SECONDS = 300;

export function createFakeResolver(zone: Readonly<Record<string, FakeAnswer>> = {}): FakeResolver {
  const answers = new Map(Object.entries(zone).map(([question, answer]) => [fold(question), answer]));
  const asked: string[] = [];
  const exists = (name: string): boolean => [...answers.keys()].some((key) => key.startsWith(`${name} `));
  return {
    asked,
    set(question, answer) {
      answers.set(fold(question), answer);
    },
    async resolve<T extends RecordType>(name: string, type: T, { signal }: { signal?: AbortSignal } = {}) {
      asked.push(`${name} ${type}`);
      if (signal?.aborted) return trouble('aborted');
      const key = `${foldName(name)} ${type}`;
      return toOutcome<T>(answers.get(key) ?? (exists(foldName(name)) ? 'none' : 'nxdomain'));
    },
    close() {
      answers.clear();
    },
  };
}

function fold(question: string): string {
  const [name = '', type = ''] = question.split(' ');
  return `${foldName(name)} ${type}`;
}

function toOutcome<T extends RecordType>(answer: FakeAnswer): DnsOutcome<RecordData[T]> {
  if (answer === 'nxdomain' || answer === 'none') {
    return { status: 'none', nxdomain: answer === 'nxdomain', ttlSeconds: TTL_SECONDS, authentic: false };
  }
  if (typeof answer === 'string') return trouble(answer);
  const records = answer as readonly RecordData[T][];
  return { status: 'found', records, ttlSeconds: TTL_SECONDS, authentic: false };
}

function trouble(kind: DnsTrouble) {
  return { status: 'tempFail', trouble: kind, detail: `fake ${kind}` } as const;
}
