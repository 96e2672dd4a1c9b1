/**
 * What a conversation does to its connection; listener/connection implements it.
 *
 * Callers: conversation.ts and transfer.ts. Nothing here rejects.
 */
import type { TlsFacts } from './session.js';

export interface Wire {
  /** Puts the text of a reply on its way; several of them may go out as one packet. */
  write(text: string): void;
  /** Set when the client takes no replies: settles once it has taken some, or is gone. */
  drained(): Promise<void> | undefined;
  /** From the next octet on the client sends a message, up to the line with a single dot. */
  readMessage(): void;
  /** The next octets, one or more, are content as they are. */
  readChunk(octets: number): void;
  /** Longest line from now on, in octets without its line end. */
  limitLine(octets: number): void;
  /**
   * Throws away whatever came in clear and shakes hands. Undefined when there is no encryption
   * to be had with this client; then the connection is of no use any more.
   */
  encrypt(): Promise<TlsFacts | undefined>;
  /** Sends what is pending, then ends the connection; nothing more is read. */
  hangUp(): void;
  /** The same without waiting for the client to end its side: for those who were not let in. */
  cutOff(): void;
}
