/**
 * Another implementation as one long-lived process: questions go in as JSON, one a line, answers
 * come back in the same way and order.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface SpfQuestion {
  readonly id: string;
  readonly ip: string;
  readonly helo: string;
  readonly from: string;
  readonly receiver: string;
}

export interface OracleAnswer {
  readonly id: string;
  /** Lower case; `exception` when it fell over. */
  readonly result: string;
  /** What the owner says about a fail, `DEFAULT` when nothing. */
  readonly explanation: string;
  /** Its own words about what went wrong, for people. */
  readonly detail: string;
}

export async function askOracle(
  program: string,
  args: readonly string[],
  questions: readonly SpfQuestion[],
): Promise<ReadonlyMap<string, OracleAnswer>> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4000);
  });
  const ended = once(child, 'close');
  // It may end before it has read everything; what it then failed to answer is counted below.
  child.stdin.on('error', () => undefined);
  child.stdin.end(questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
  const answers = new Map<string, OracleAnswer>();
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line) as OracleAnswer;
    answers.set(answer.id, answer);
  }
  const [status] = (await ended) as [number | null];
  if (status !== 0 || answers.size !== questions.length) {
    throw new Error(`${program} answered ${answers.size} of ${questions.length}: ${complaints}`);
  }
  return answers;
}
