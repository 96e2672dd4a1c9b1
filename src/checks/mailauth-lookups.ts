/**
 * Our Resolver in the shape that mailauth expects, and a note of what was asked.
 *
 * The library knows node:dns: values, or errors told apart by `code`. Only "no such name" and "no
 * such record" may read as absence; everything else must stay trouble.
 *
 * Callers: checks/signatures. Its `resolve` rejects, as node:dns does; the library catches.
 */
import type { DnsTrouble, RecordType, ResolveOptions, Resolver } from '../dns/resolver.js';
import { type Asked, evidenceOf } from './dns-evidence.js';

interface MxAnswer {
  readonly exchange: string;
  readonly priority: number;
}

type NodeAnswer = readonly string[] | readonly MxAnswer[] | readonly (readonly string[])[];

const CODES: Readonly<Record<DnsTrouble, string>> = {
  timeout: 'ETIMEOUT',
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  network: 'ECONNREFUSED',
  malformed: 'EBADRESP',
  badName: 'EBADNAME',
  aborted: 'ECANCELLED',
};

/** An error of node:dns, as far as the library looks at it. */
class NodeDnsError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Lookups {
  /** `onFound` is told for how many seconds the answer holds. */
  readonly resolve: (
    name: string,
    type: string,
    onFound?: (ttlSeconds: number) => void,
  ) => Promise<NodeAnswer>;
  /** Each question with its answer, in the order of the answers; bounded, and made at each reading. */
  readonly evidence: readonly string[];
  /** Whether nobody knew the answer to one of the questions. */
  readonly hadTrouble: () => boolean;
}

const MOST_EVIDENCE = 60;

export function mailauthLookups(resolver: Resolver, options: ResolveOptions): Lookups {
  const answers: Asked[] = [];
  let troubles = 0;
  return {
    get evidence() {
      return answers.map(evidenceOf);
    },
    hadTrouble: () => troubles > 0,
    async resolve(name, type, onFound) {
      if (!isKnownType(type)) throw new NodeDnsError('ENODATA', `no questions of type ${type}`);
      const answer: Asked['answer'] = await resolver.resolve(name, type, options);
      if (answers.length < MOST_EVIDENCE) answers.push({ name, type, answer });
      switch (answer.status) {
        case 'found':
          onFound?.(answer.ttlSeconds);
          return answer.records.map((record) => toNodeShape(record, type)) as NodeAnswer;
        case 'none':
          throw new NodeDnsError(answer.nxdomain ? 'ENOTFOUND' : 'ENODATA', `${type} ${name}: none`);
        case 'tempFail':
          if (answer.trouble === 'badName') throw new NodeDnsError('ENOTFOUND', `${name} is no name`);
          troubles += 1;
          throw new NodeDnsError(CODES[answer.trouble], `${type} ${name}: ${answer.detail}`);
      }
    },
  };
}

function isKnownType(type: string): type is RecordType {
  return type === 'A' || type === 'AAAA' || type === 'MX' || type === 'TXT' || type === 'PTR';
}

function toNodeShape(
  record: string | { readonly exchange: string; readonly preference: number },
  type: RecordType,
): string | readonly string[] | MxAnswer {
  if (typeof record !== 'string') return { exchange: record.exchange, priority: record.preference };
  return type === 'TXT' ? [record] : record;
}
