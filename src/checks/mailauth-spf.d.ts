/** What we use of mailauth's SPF module, which ships no types and is loaded by its inner path. */
declare module 'mailauth/lib/spf/index.js' {
  export interface MxAnswer {
    readonly exchange: string;
    readonly priority: number;
  }

  /** The shape of node:dns: strings for A, AAAA and PTR, MX objects, and string arrays for TXT. */
  export type SpfResolver = (
    name: string,
    type: string,
  ) => Promise<readonly string[] | readonly MxAnswer[] | readonly (readonly string[])[]>;

  export interface SpfRequest {
    readonly ip: string;
    readonly helo: string;
    /** Empty: the HELO identity is checked. */
    readonly sender: string;
    readonly mta: string;
    readonly resolver: SpfResolver;
    readonly strict: boolean;
  }

  export interface SpfAnswer {
    readonly domain: string;
    readonly status: { readonly result: string; readonly comment?: string };
    /** The text that the domain's owner publishes for refusals; only with `fail`. */
    readonly explanation?: string;
    readonly rr?: string;
    readonly lookups?: { readonly count: number; readonly void: number };
  }

  export function spf(request: SpfRequest): Promise<SpfAnswer>;
}
