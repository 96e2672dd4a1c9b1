/** What we use of the dnsbl package, which ships no types. */
declare module 'dnsbl' {
  export interface LookupOptions {
    /** DNS servers, `192.0.2.1` or `192.0.2.1:5353`. */
    readonly servers: readonly string[];
    /** Milliseconds. */
    readonly timeout: number;
  }

  /** True when the list has any answer for the address; false for everything else, failures included. */
  export function lookup(address: string, list: string, options: LookupOptions): Promise<boolean>;
}
