/**
 * Questions and answers of our Resolver in the shape of node:dns, as mailauth knows them, and a note
 * of what was asked.
 *
 * Callers: checks/mailauth-lookups, checks/spf-lookups, which decide what reads as absence.
 */
import type { MxRecord, RecordType, ResolveOptions, Resolver } from '../dns/resolver.js';
import { type Asked, evidenceOf } from './dns-evidence.js';

interface NodeMx {
  readonly exchange: string;
  readonly priority: number;
}

export type NodeAnswer = readonly string[] | readonly NodeMx[] | readonly (readonly string[])[];

export function isKnownType(type: string): type is RecordType {
  return type === 'A' || type === 'AAAA' || type === 'MX' || type === 'TXT' || type === 'PTR';
}

export function nodeAnswer(records: readonly (string | MxRecord)[], type: RecordType): NodeAnswer {
  return records.map((record): string | readonly string[] | NodeMx => {
    if (typeof record !== 'string') return { exchange: record.exchange, priority: record.preference };
    return type === 'TXT' ? [record] : record;
  }) as NodeAnswer;
}

/**
 * An error of node:dns, as far as the library looks at it: by `code`. It has no stack, because a
 * record that is not there is nothing out of the ordinary, and a stack costs more than the answer.
 */
export function nodeDnsError(code: string, message: string): Error & { readonly code: string } {
  const error = Object.create(Error.prototype) as Error;
  return Object.assign(error, { code, message });
}

export interface NotedQuestions {
  readonly ask: (name: string, type: RecordType) => Promise<Asked['answer']>;
  /** Each question with its answer, in the order of the answers; bounded, and made when it is read. */
  readonly evidence: () => readonly string[];
}

/** Questions to the resolver, of which the first `most` are kept. */
export function notedQuestions(resolver: Resolver, options: ResolveOptions, most: number): NotedQuestions {
  const asked: Asked[] = [];
  return {
    async ask(name, type) {
      const answer: Asked['answer'] = await resolver.resolve(name, type, options);
      if (asked.length < most) asked.push({ name, type, answer });
      return answer;
    },
    evidence: () => asked.map(evidenceOf),
  };
}
