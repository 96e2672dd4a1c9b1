/**
 * Our Resolver in the shape that mailauth expects, and a note of what was asked.
 *
 * The library knows node:dns: values, or errors told apart by `code`. Only "no such name" and "no
 * such record" may read as absence; everything else must stay trouble.
 *
 * Callers: checks/signatures, checks/dmarc, app/check-dkim. Its `resolve` rejects, as node:dns does; the library catches.
 */
import type { DnsTrouble, ResolveOptions, Resolver } from '../dns/resolver.js';
import { isKnownType, type NodeAnswer, nodeAnswer, nodeDnsError, notedQuestions } from './node-dns.js';

const CODES: Readonly<Record<DnsTrouble, string>> = {
  timeout: 'ETIMEOUT',
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  network: 'ECONNREFUSED',
  malformed: 'EBADRESP',
  badName: 'EBADNAME',
  aborted: 'ECANCELLED',
};

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
  const { ask, evidence } = notedQuestions(resolver, options, MOST_EVIDENCE);
  let troubles = 0;
  return {
    get evidence() {
      return evidence();
    },
    hadTrouble: () => troubles > 0,
    async resolve(name, type, onFound) {
      if (!isKnownType(type)) throw nodeDnsError('ENODATA', `no questions of type ${type}`);
      const answer = await ask(name, type);
      switch (answer.status) {
        case 'found':
          onFound?.(answer.ttlSeconds);
          return nodeAnswer(answer.records, type);
        case 'none':
          throw nodeDnsError(answer.nxdomain ? 'ENOTFOUND' : 'ENODATA', `${type} ${name}: none`);
        case 'tempFail':
          if (answer.trouble === 'badName') throw nodeDnsError('ENOTFOUND', `${name} is no name`);
          troubles += 1;
          throw nodeDnsError(CODES[answer.trouble], `${type} ${name}: ${answer.detail}`);
      }
    },
  };
}
