/**
 * Our Resolver in the shape that the SPF evaluator expects, with the limits on what a record may
 * make us ask.
 *
 * Ten terms that ask, two of them in vain, ten hosts for each `mx` and `ptr`; beyond that the
 * record is in error. The first question fetches the record itself and is no term; questions for
 * an explanation and for the macro `p` are none either. A name that no packet can hold does not
 * exist. Anything else that is no answer is trouble, and trouble never reads as absence.
 *
 * Callers: checks/spf. RFC 7208 §4.6.4, RFC 7208 §4.4.
 */
import type {
  SpfHostQuestion,
  SpfQuestion,
  SpfTermQuestion,
  SpfVerdict,
} from 'mailauth/lib/spf/spf-verify.js';
import type { MxRecord, RecordType, ResolveOptions, Resolver } from '../dns/resolver.js';
import { isKnownType, nodeAnswer, notedQuestions } from './node-dns.js';

const MOST_TERMS = 10;
const MOST_VOID = 2;
const MOST_HOSTS = 10;
/** Of all records of one evaluation: as much as one answer can hold, and so what the reading may cost. */
const MOST_TEXT = 65_536;
/** The limits allow somewhat over two hundred questions; who wants to see more than this? */
const MOST_EVIDENCE = 120;

export interface SpfLookups {
  /** Asks for a term: the first question is free, the others count. */
  readonly ask: SpfTermQuestion;
  /** Asks for the hosts of one `mx` or `ptr`. */
  readonly forHosts: () => SpfHostQuestion;
  /** Asks for an explanation. */
  readonly forExplanation: SpfQuestion;
  /** Each question with its answer, in the order of the answers; bounded. */
  evidence(): readonly string[];
  /** Whether a question of a term got no answer. */
  inTrouble(): boolean;
  counts(): SpfCounts;
}

export interface SpfCounts {
  /** Terms that asked DNS, of at most 10. */
  readonly terms: number;
  /** Those of them for which there was nothing, of at most 2. */
  readonly empty: number;
}

/** Ends the evaluation with a result. */
class SpfStop extends Error {
  /** The evaluator writes to it. */
  readonly spfResult: SpfVerdict;

  constructor(error: 'permerror' | 'temperror', text: string) {
    super(text);
    this.spfResult = { error, text };
  }
}

/** Terms of one evaluation; the one too many ends it. */
class Limits {
  #terms = 0;
  #empty = 0;
  #text = 0;

  /** Spares the question that cannot count any more. */
  beforeTerm(): void {
    if (this.#terms >= MOST_TERMS) throw new SpfStop('permerror', `more than ${MOST_TERMS} terms ask DNS`);
  }

  count(isEmpty: boolean): void {
    this.beforeTerm();
    this.#terms += 1;
    if (!isEmpty) return;
    this.#empty += 1;
    if (this.#empty > MOST_VOID) {
      throw new SpfStop('permerror', `more than ${MOST_VOID} terms ask in vain`);
    }
  }

  countText(records: readonly unknown[]): void {
    for (const record of records) this.#text += String(record).length;
    if (this.#text > MOST_TEXT)
      throw new SpfStop('permerror', `records of more than ${MOST_TEXT} characters`);
  }

  counts(): SpfCounts {
    return { terms: this.#terms, empty: Math.min(this.#empty, MOST_VOID) };
  }
}

export function spfLookups(resolver: Resolver, options: ResolveOptions): SpfLookups {
  const noted = notedQuestions(resolver, options, MOST_EVIDENCE);
  const limits = new Limits();
  let isFirst = true;
  /** Whether the reverse name of the client led nowhere when it was last asked for. */
  let isNameless = false;
  let trouble = false;

  async function ask(name: string, type: string): Promise<readonly unknown[]> {
    if (!isKnownType(type)) throw new SpfStop('temperror', `no questions of type ${type}`);
    const answer = await noted.ask(name, type);
    if (answer.status === 'found') return inShape(answer.records, type);
    if (answer.status === 'none' || answer.trouble === 'badName') return [];
    throw new SpfStop('temperror', `${type} ${name}: ${answer.trouble}`);
  }

  async function askForTerm(name: string, type: string): Promise<readonly unknown[]> {
    try {
      return await ask(name, type);
    } catch (error) {
      trouble = true;
      throw error;
    }
  }

  const askAndCount = async (name: string, type: string): Promise<readonly unknown[]> => {
    if (type === 'PTR') {
      // Asked for a ptr, which is reported when its hosts are known, or for a macro, which is none.
      isNameless = true;
      const names = await askForTerm(name, type);
      isNameless = names.length === 0;
      return names;
    }
    limits.beforeTerm();
    const found = await askForTerm(name, type);
    if (type === 'TXT') limits.countText(found);
    if (isFirst) isFirst = false;
    else limits.count(found.length === 0);
    return found;
  };

  return {
    ask: Object.assign(askAndCount as SpfQuestion, {
      updateSubQueries(kind: string) {
        if (kind === 'ptr') limits.count(isNameless);
      },
    }),
    forHosts() {
      let hosts = 0;
      const askForHost = async (name: string, type: string): Promise<readonly unknown[]> => {
        hosts += 1;
        if (hosts > MOST_HOSTS) throw new SpfStop('permerror', `more than ${MOST_HOSTS} hosts for one term`);
        return await askForTerm(name, type);
      };
      const getResolveCount = (): number => hosts;
      return Object.assign(askForHost as SpfQuestion, { getResolveCount, getVoidCount: () => 0 });
    },
    forExplanation: ask as SpfQuestion,
    evidence: noted.evidence,
    inTrouble: () => trouble,
    counts: () => limits.counts(),
  };
}

function inShape(records: readonly (string | MxRecord)[], type: RecordType): readonly unknown[] {
  if (type === 'A' || type === 'AAAA') return records;
  const texts = type === 'TXT' ? (records as readonly string[]).map(withDashesLast) : records;
  return nodeAnswer(texts, type);
}

const MACRO = /%[%_-]|(%\{[a-z]\d*r?)([.+,/_=-]+)\}/gi;

/**
 * Delimiters are a set, but the evaluator makes a character class of them, in which a hyphen
 * between two others would be a range. Linear: each macro is read once, from its own beginning.
 */
function withDashesLast(text: string): string {
  if (!text.includes('%{')) return text;
  return text.replace(MACRO, (whole, head: string | undefined, delimiters: string | undefined) => {
    if (head === undefined || !delimiters?.includes('-')) return whole;
    return `${head}${delimiters.replaceAll('-', '')}-}`;
  });
}
