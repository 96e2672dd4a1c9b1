/** What we use of mailauth's SPF evaluator, which ships no types and is loaded by its inner path. */
declare module 'mailauth/lib/spf/spf-verify.js' {
  export interface MxAnswer {
    readonly exchange: string;
    readonly priority: number;
  }

  /**
   * Values in the shape of node:dns, an empty list where there is nothing. An error whose
   * `spfResult` says so ends the evaluation with that result.
   */
  export type SpfQuestion = (
    name: string,
    type: string,
  ) => Promise<readonly string[] | readonly MxAnswer[] | readonly (readonly string[])[]>;

  /** The evaluator reports each `ptr` and `mx`, after its questions, as `updateSubQueries('ptr', n)`. */
  export type SpfTermQuestion = SpfQuestion & { updateSubQueries(kind: string, count: number): void };

  /** What it takes for a report. */
  export type SpfHostQuestion = SpfQuestion & { getResolveCount(): number; getVoidCount(): number };

  export interface SpfRequest {
    /** The identity under check, as an address. */
    readonly sender: string;
    readonly ip: string;
    readonly helo: string;
    /** Name of this host, for the macro `r`. */
    readonly mta: string;
    readonly strict: boolean;
    /** The questions of terms, which count. */
    readonly resolver: SpfTermQuestion;
    /** A counter of its own for the hosts of one `mx` or `ptr`. */
    readonly createSubResolver: () => SpfHostQuestion;
    /** The questions of the explanation, which do not count. */
    readonly expResolver: SpfQuestion;
  }

  export interface SpfVerdict {
    /** Of the term that matched. */
    readonly qualifier?: '+' | '-' | '~' | '?';
    /** Without a qualifier: why there was no match to speak of. */
    readonly error?: 'none' | 'permerror' | 'temperror';
    readonly text?: string;
    /** The text that the domain's owner publishes for refusals. */
    readonly explanation?: string;
  }

  /** `false`: no term matched. Rejects with an error that carries the verdict as `spfResult`. */
  export function spfVerify(domain: string, request: SpfRequest): Promise<SpfVerdict | false>;
}
