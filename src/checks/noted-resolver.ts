/**
 * A resolver that notes each question with its answer, as evidence of a check.
 *
 * One line a question, in the order of the answers: `MX example.org: 10 mx.example.org`. Lines and
 * their number are bounded, because both come from strangers. Lends the questions to the resolver
 * behind it and adds nothing to their time; closing is the business of whoever opened that one.
 *
 * Callers: checks. Never rejects where the resolver behind it does not.
 */
import type { RecordType, Resolver } from '../dns/resolver.js';
import { answerText } from './dns-evidence.js';
import { printable } from './outcome.js';

const MOST_LINES = 60;
const LONGEST_NAME = 255;

interface NotedResolver {
  readonly resolver: Resolver;
  readonly evidence: readonly string[];
}

export function notedResolver(resolver: Resolver): NotedResolver {
  const evidence: string[] = [];
  return {
    evidence,
    resolver: {
      async resolve<T extends RecordType>(
        name: string,
        type: T,
        options?: { readonly signal?: AbortSignal },
      ) {
        const outcome = await resolver.resolve(name, type, options);
        if (evidence.length < MOST_LINES) {
          evidence.push(`${type} ${printable(name, LONGEST_NAME)}: ${answerText(outcome)}`);
        }
        return outcome;
      },
      close: () => undefined,
    },
  };
}
