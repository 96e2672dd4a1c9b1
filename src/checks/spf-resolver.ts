/**
 * Our Resolver in the shape that the SPF library expects, and a note of what went wrong.
 *
 * The library knows node:dns: values, or errors told apart by `code`. Only "no such name" and "no
 * such record" may read as absence; everything else must stay trouble.
 *
 * Callers: checks/spf. RFC 7208 §4.4.
 */
import type { MxAnswer } from 'mailauth/lib/spf/index.js';
import type { DnsTrouble, RecordType, Resolver } from '../dns/resolver.js';

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

export interface SpfLookups {
  readonly resolve: (name: string, type: string) => Promise<NodeAnswer>;
  /** Each question with its answer, in the order of the answers; bounded. */
  readonly evidence: readonly string[];
  /** The types of the questions to which nobody knew the answer. */
  readonly troubled: ReadonlySet<string>;
}

const MOST_EVIDENCE = 60;

export function spfLookups(resolver: Resolver, signal: AbortSignal): SpfLookups {
  const evidence: string[] = [];
  const troubled = new Set<string>();
  const note = (line: string): void => {
    if (evidence.length < MOST_EVIDENCE) evidence.push(line);
  };
  return {
    evidence,
    troubled,
    async resolve(name, type) {
      if (!isKnownType(type)) throw new NodeDnsError('ENODATA', `no questions of type ${type}`);
      const answer = await resolver.resolve(name, type, { signal });
      switch (answer.status) {
        case 'found':
          note(`${type} ${name}: ${answer.records.length} found`);
          return answer.records.map((record) => toNodeShape(record, type)) as NodeAnswer;
        case 'none':
          note(`${type} ${name}: ${answer.nxdomain ? 'no such name' : 'none'}`);
          throw new NodeDnsError(answer.nxdomain ? 'ENOTFOUND' : 'ENODATA', `${type} ${name}: none`);
        case 'tempFail':
          note(`${type} ${name}: ${answer.trouble}`);
          if (answer.trouble !== 'badName') troubled.add(type);
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
