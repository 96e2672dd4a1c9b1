/**
 * One SMTP transaction with every line shown, for `postern demo`.
 *
 * The wire is nodemailer's client; its transaction log is where the lines come from. A refusal is
 * an answer here, not an error: what the demonstration shows is the server's verdict.
 *
 * Callers: cli/commands/demo. Rejects only when there is no conversation at all.
 */
import SMTPConnection from 'nodemailer/lib/smtp-connection';

export interface Talk {
  readonly host: string;
  readonly port: number;
  readonly from: string;
  readonly to: string;
  readonly message: string;
}

export interface Verdict {
  readonly accepted: boolean;
  /** The reply that decided. */
  readonly reply: string;
}

interface LogEntry {
  readonly tnx?: string;
}

/** Prints what is said, `C:` for us and `S:` for the server; the message itself follows the 354. */
function dialogueLogger(
  print: (line: string) => void,
  message: string,
): Record<string, (...words: never[]) => void> {
  const debug = ({ tnx }: LogEntry, ...words: unknown[]): void => {
    const side = tnx === 'client' ? 'C' : tnx === 'server' ? 'S' : undefined;
    const text = words.at(-1);
    if (side === undefined || typeof text !== 'string') return;
    const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
    for (const line of lines) print(`  ${side}: ${line}`);
    if (side === 'S' && text.startsWith('354')) {
      for (const line of `${message}.`.split('\r\n')) print(`  C: ${line}`);
    }
  };
  const silent = (): void => undefined;
  return { trace: silent, debug, info: silent, warn: silent, error: silent, fatal: silent, level: silent };
}

/** A server that does not answer is told about soon; this runs on the same machine. */
const PATIENCE_MS = 5000;

/** Holds one transaction; `print` gets each line as it is said. */
export function talk(what: Talk, print: (line: string) => void): Promise<Verdict> {
  const { host, port, from, to, message } = what;
  const connection = new SMTPConnection({
    host,
    port,
    name: 'demo.localhost',
    ignoreTLS: true,
    transactionLog: true,
    logger: dialogueLogger(print, message),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
  });
  return new Promise((resolve, reject) => {
    // The verdict is told once the server has said good-bye, so that the dialogue is whole.
    let verdict: Verdict | undefined;
    const refusedOr = (error: Error): void => {
      const reply = 'response' in error && typeof error.response === 'string' ? error.response : '';
      if (reply === '') reject(error);
      else verdict ??= { accepted: false, reply };
      connection.quit();
    };
    connection.once('error', refusedOr);
    connection.once('end', () => {
      if (verdict) resolve(verdict);
      else reject(new Error('the server closed the connection'));
    });
    connection.connect((failed) => {
      if (failed) {
        refusedOr(failed);
        return;
      }
      connection.send({ from, to: [to] }, message, (error, info) => {
        if (error) {
          refusedOr(error);
          return;
        }
        verdict = { accepted: true, reply: info.response };
        connection.quit();
      });
    });
  });
}
