/**
 * Every documented variable once: type, value set, range, unit, default, lifetime and meaning.
 *
 * What an event may do with a variable, and a default that differs there, is said by the cell in
 * the event tables. Choice values keep their printed spelling and are matched in any letter case.
 * A variable without a default that nobody has set reads as the empty string.
 *
 * Callers: the derived types, the run-time accessors, policy loading and the generated reference
 * pages. One object literal, because the exported type must not depend on spreads.
 */
import type { Access, VariableSpec } from './spec.js';

export const VARIABLES = {
  // The connection and its two ends.
  smtpPort: {
    type: 'numeric',
    min: 0,
    max: 65535,
    life: 'session',
    doc: 'TCP port of the listener on which this connection arrived.',
  },
  smtpIp: {
    type: 'ip',
    life: 'session',
    doc: 'Local address that the client connected to.',
  },
  remoteSmtpPort: {
    type: 'numeric',
    min: 0,
    max: 65535,
    life: 'session',
    doc: 'TCP port the client connects from.',
  },
  remoteSmtpIp: {
    type: 'ip',
    life: 'session',
    doc: 'IPv4 or IPv6 address of the connecting client.',
  },
  isSSLConnection: {
    type: 'choice',
    values: ['yes', 'no'],
    life: 'session',
    doc: 'Tells whether the connection is encrypted at this moment, by implicit TLS or after STARTTLS.',
  },
  ehloHost: {
    type: 'hostname',
    life: 'session',
    doc: 'Name or address literal that the client gave with EHLO or HELO. It is a claim and nothing more.',
  },
  isESMTP: {
    type: 'choice',
    values: ['yes', 'no'],
    life: 'session',
    doc: '`yes` when the client introduced itself with EHLO, `no` when it used HELO.',
  },
  authUser: {
    type: 'text',
    life: 'session',
    doc: 'Login of the client once AUTH has succeeded; empty for a client that is not authenticated.',
  },
  mailCount: {
    type: 'numeric',
    min: 0,
    life: 'session',
    doc: 'Number of messages this connection has handed over so far.',
  },
  totalMailSize: {
    type: 'numeric',
    min: 0,
    unit: 'octets',
    life: 'session',
    doc: 'Octets of mail accepted on this connection so far.',
  },
  smtpGreeting: {
    type: 'text',
    life: 'command',
    doc: 'Text after `220` in the banner. Unset, the listener uses its own banner.',
  },

  // What the session may do.
  remoteDelivery: {
    type: 'choice',
    values: ['auth', 'all', 'none'],
    default: 'auth',
    life: 'session',
    doc: 'Who may send to recipients elsewhere, that is, relay: everybody, authenticated clients, or nobody.',
  },
  localDelivery: {
    type: 'choice',
    values: ['all', 'auth', 'none'],
    default: 'all',
    life: 'session',
    doc: 'Who may send to recipients of our own domains: everybody, authenticated clients, or nobody.',
  },
  maxRcptCount: {
    type: 'numeric',
    min: 0,
    max: 1000,
    default: 1000,
    life: 'session',
    doc: 'Largest number of recipients that one message may have.',
  },
  maxDataSize: {
    type: 'numeric',
    min: 0,
    max: 4294967295,
    unit: 'KB',
    default: 10240,
    life: 'session',
    doc: 'Largest message that is accepted, in KB of 1024 octets.',
  },
  maxReceivedHeaders: {
    type: 'numeric',
    min: 0,
    max: 4294967295,
    default: 30,
    life: 'session',
    doc: 'Number of Received fields above which a message counts as caught in a loop.',
  },
  allowStartTLS: {
    type: 'choice',
    values: ['yes', 'no'],
    default: 'yes',
    life: 'session',
    doc: 'Whether STARTTLS is offered to the client.',
  },
  allowPipelining: {
    type: 'choice',
    values: ['yes', 'no'],
    default: 'yes',
    life: 'session',
    doc: 'Whether PIPELINING is offered to the client. LMTP cannot do without; there it always is.',
  },
  allow8BitMime: {
    type: 'choice',
    values: ['yes', 'no'],
    default: 'yes',
    life: 'session',
    doc: 'Whether 8BITMIME is offered to the client. SMTPUTF8 and BINARYMIME need it, and go with it.',
  },
  allowBinaryData: {
    type: 'choice',
    values: ['yes', 'no'],
    default: 'yes',
    life: 'session',
    doc: 'Whether BINARYMIME is offered to the client. It needs 8BITMIME as well.',
  },
  allowDSN: {
    type: 'choice',
    values: ['no', 'yes'],
    life: 'session',
    doc: 'Whether the DSN extension is offered to the client. Unset, it is.',
  },
  waitProcessingTimeout: {
    type: 'numeric',
    min: 0,
    max: 86400,
    unit: 's',
    life: 'session',
    doc: 'Longest time in seconds that the handlers of onDataReceived may take together while the client waits for its answer; what is not done by then has failed. Unset or 0, only the deadline of each handler counts.',
  },

  // The verdict.
  smtpAction: {
    type: 'choice',
    values: ['reject', 'tmpreject', 'accept', 'discard'],
    life: 'command',
    doc: 'Verdict on the current command: refuse for good, refuse for now, pass over the internal refusals, or answer success and drop. Unset, the internal policy decides.',
  },
  smtpExplanation: {
    type: 'text',
    life: 'command',
    doc: 'Reply text that goes with `reject` or `tmpreject`; it may begin with its own reply code and enhanced code. Unset, a built-in text is sent.',
  },

  // Checks.
  DNSBLServer: {
    type: 'text',
    life: 'session',
    doc: 'DNS zone of the block list that checkDNSBL asks. When a call names several zones, the one that decided is left here.',
  },
  DNSBLResult: {
    type: 'ip',
    life: 'session',
    doc: 'Address with which the block list answered; empty when the client is not listed.',
  },
  DNSBLExplanation: {
    type: 'text',
    life: 'session',
    doc: 'Reason the block list publishes for the listing, from its TXT record.',
  },
  SPFResult: {
    type: 'choice',
    values: ['None', 'Neutral', 'Pass', 'Fail', 'SoftFail', 'TempError', 'PermError'],
    default: 'None',
    life: 'session',
    doc: 'Outcome of the SPF check. A policy may set it by hand: `Pass` or `None` pardons a sender, `Fail` forbids it. MAIL FROM is refused when it is `Fail`; after that, whatever runs while a policy sets it to `Fail`.',
  },
  SPFExplanation: {
    type: 'text',
    life: 'session',
    doc: 'Text that belongs to the SPF outcome, such as the explanation that the domain publishes; empty once a policy sets SPFResult to something else.',
  },
  ReverseDNSResult: {
    type: 'choice',
    values: ['neutral', 'fail', 'pass', 'error'],
    life: 'session',
    doc: 'Outcome of checkReverseDNS: a name that leads back to the address, no such name, nothing to judge, or DNS trouble.',
  },
  SenderMXCheckResult: {
    type: 'choice',
    values: ['Pass', 'Fail', 'Neutral', 'Error'],
    life: 'message',
    doc: 'Outcome of checkSenderMX. `Neutral` means there was nothing to check, for instance an empty sender; `Error` means DNS trouble.',
  },
  AllowedCountries: {
    type: 'text',
    life: 'session',
    doc: 'ISO country codes to admit, separated by spaces or commas; when not empty, every other known country is banned. checkGeoIp reads it.',
  },
  BannedCountries: {
    type: 'text',
    life: 'session',
    doc: 'ISO country codes to refuse, separated by spaces or commas; it wins over AllowedCountries. checkGeoIp reads it.',
  },
  ActionGeoIPBan: {
    type: 'choice',
    values: ['Reject', 'Accept', 'TmpReject'],
    default: 'Reject',
    life: 'session',
    doc: 'What is done with a client that checkGeoIp found banned, where no policy sets smtpAction: refused for good, refused for now, or nothing.',
  },
  GeoIPResult: {
    type: 'text',
    life: 'session',
    doc: 'ISO code of the country of the client; empty when it is not known or no database is configured.',
  },
  IsGeoIPBanned: {
    type: 'choice',
    values: ['no', 'yes'],
    default: 'no',
    life: 'session',
    doc: 'Whether the country lists ban the country of the client.',
  },

  // External filters.
  filterName: {
    type: 'text',
    life: 'command',
    doc: 'Name under which addFilter registers an external filter for this session.',
  },
  filterType: {
    type: 'choice',
    values: ['milter', 'spamd', 'clamd', 'rspamd', 'http'],
    life: 'command',
    doc: 'Protocol that the filter speaks.',
  },
  filterAddress: {
    type: 'text',
    life: 'command',
    doc: 'Where the filter listens: `inet://host:port` or `local:///path/of/socket`.',
  },
  addFilterResult: {
    type: 'choice',
    values: ['Ok', 'Duplicate', 'BadName', 'BadType', 'BadAddress'],
    life: 'command',
    doc: 'Whether addFilter registered the filter, and if not, which of its inputs was wrong.',
  },
  addFilterExplanation: {
    type: 'text',
    life: 'command',
    doc: 'One sentence on why addFilter refused; empty after success.',
  },
  filterNamePattern: {
    type: 'text',
    life: 'command',
    doc: 'Which registered filters executeFilters runs; `*` stands for any text and `?` for one character.',
  },

  // The envelope.
  mailFrom: {
    type: 'text',
    life: 'message',
    doc: 'Envelope sender; empty for a bounce. A policy writes an address without angle brackets and without a source route, or the empty text.',
  },
  mailFromLocalPart: {
    type: 'text',
    life: 'message',
    doc: 'Local part of the envelope sender, without quotes and backslashes. It follows mailFrom when a policy changes that.',
  },
  mailFromDomain: {
    type: 'text',
    life: 'message',
    doc: 'Domain of the envelope sender. It follows mailFrom when a policy changes that.',
  },
  mailFromAuthUser: {
    type: 'text',
    life: 'message',
    doc: 'Value of the AUTH parameter of MAIL FROM, decoded; empty when it was not given. A claim: it is kept for the next hop only of clients that are authenticated or in a trusted network.',
  },
  mailFromSize: {
    type: 'numeric',
    min: 0,
    unit: 'octets',
    life: 'message',
    doc: 'Size in octets that the client announced with MAIL FROM; 0 when it announced none.',
  },
  rcptCount: {
    type: 'numeric',
    min: 0,
    life: 'message',
    doc: 'Number of recipients accepted for this message so far.',
  },
  delayDelivery: {
    type: 'text',
    life: 'message',
    doc: 'Holds the message in the queue until an RFC 5322 date, or for a time written like `+1h 30m 10s`; a bare number means seconds. Empty delivers at once.',
  },
  rcptTo: {
    type: 'text',
    life: 'command',
    doc: 'Recipient address of the current RCPT TO.',
  },
  rcptToLocalPart: {
    type: 'text',
    life: 'command',
    doc: 'Local part of that recipient address, without quotes and backslashes.',
  },
  rcptToDomain: {
    type: 'text',
    life: 'command',
    doc: 'Domain of that recipient address.',
  },
  isRcptLocal: {
    type: 'choice',
    values: ['yes', 'no'],
    life: 'command',
    doc: 'Whether the domain of that recipient is one of ours.',
  },

  // Relaying.
  localInterface: {
    type: 'ip',
    life: 'message',
    doc: 'Local address that the outgoing connection leaves from. Unset, the system chooses.',
  },
  remoteSmtpHost: {
    type: 'text',
    life: 'message',
    doc: 'Next hop: a name, whose MX records are looked up first, or an address, bracketed or not. Empty delivers to the MX of the recipient domain.',
  },
  authPasswd: {
    type: 'text',
    life: 'message',
    secret: true,
    aliases: ['atuhPasswd'],
    doc: 'Password for the login at the next hop. It never appears in traces, logs or expanded texts.',
  },
  isFromLocalDomain: {
    type: 'choice',
    values: ['yes', 'no'],
    life: 'message',
    doc: '`yes` for a message created on this server, `no` for one received by SMTP.',
  },
  mailSize: {
    type: 'numeric',
    min: 0,
    unit: 'octets',
    life: 'message',
    doc: 'Size of the message in octets.',
  },
  maxConnections: {
    type: 'numeric',
    min: 0,
    max: 4294967295,
    default: 5,
    life: 'message',
    doc: 'Largest number of connections that may be open to this destination at once.',
  },
  smtpConnectTimeout: {
    type: 'numeric',
    min: 1,
    max: 86400,
    unit: 's',
    default: 300,
    life: 'message',
    doc: 'Time in seconds within which the TCP connection must be established.',
  },
  chunkSize: {
    type: 'numeric',
    min: 0,
    max: 4294967295,
    unit: 'octets',
    default: 102400,
    life: 'message',
    doc: 'Largest piece in octets that one BDAT command carries.',
  },
  requestAuth: {
    type: 'choice',
    values: ['yes', 'no'],
    default: 'no',
    life: 'message',
    doc: '`yes` sends only over a connection on which the login succeeded; otherwise the message waits.',
  },
  strict7BitMime: {
    type: 'choice',
    values: ['yes', 'no'],
    default: 'yes',
    life: 'message',
    doc: '`yes` never sends 8-bit or binary content to a peer that did not announce that it takes it.',
  },
  sslEnabled: {
    type: 'choice',
    values: ['yes', 'no'],
    default: 'no',
    life: 'message',
    doc: '`yes` speaks TLS from the first octet instead of by STARTTLS.',
  },
  plainConnAuthTypes: {
    type: 'multival',
    values: ['all', 'none', 'plain', 'login', 'crammd5', 'digestmd5'],
    default: 'crammd5',
    life: 'message',
    doc: 'Login mechanisms that may be used on an unencrypted connection, separated by spaces.',
  },
  secureConnAuthTypes: {
    type: 'multival',
    values: ['all', 'none', 'plain', 'login', 'crammd5', 'digestmd5'],
    default: 'all',
    life: 'message',
    doc: 'Login mechanisms that may be used on an encrypted connection, separated by spaces.',
  },
  allowedSSLVersions: {
    type: 'multival',
    values: ['tls11', 'tls12', 'tls13'],
    life: 'message',
    doc: 'TLS versions that may be used towards the next hop, separated by spaces. Unset, the defaults of the runtime apply.',
  },

  // Notices of failure and delay.
  sendNDR: {
    type: 'choice',
    values: ['yes', 'no'],
    life: 'message',
    aliases: ['sendNdr'],
    doc: 'Whether the sender gets a notice.',
  },
  ndrAttachSource: {
    type: 'choice',
    values: ['yes', 'header', 'no'],
    life: 'message',
    doc: 'How much of the original goes with the notice: all of it, its header, or nothing.',
  },
  ndrSubject: {
    type: 'text',
    life: 'message',
    doc: 'Subject of the notice. Unset, a built-in text is used.',
  },
  ndrSender: {
    type: 'text',
    life: 'message',
    doc: 'Address in the From field of the notice. Unset, it is `mailer-daemon` at the primary domain.',
  },
  ndrMessage: {
    type: 'text',
    life: 'message',
    doc: 'Opening text of the notice. Unset, a built-in text is used.',
  },
  ndrRcptMessage: {
    type: 'text',
    life: 'message',
    doc: 'Text repeated for every failed recipient; `%ndrRcptAddress%` and `%ndrRcptFailInfo%` have a value here and nowhere else.',
  },
  ndrMessageFooter: {
    type: 'text',
    life: 'message',
    doc: 'Closing text of the notice. Unset, a built-in text is used.',
  },
  ndrRetryCount: {
    type: 'numeric',
    min: 0,
    life: 'message',
    doc: 'Number of delivery attempts made so far.',
  },
  ndrRemainingRetryCount: {
    type: 'numeric',
    min: 0,
    life: 'message',
    doc: 'Number of attempts that are left before the message is given up.',
  },
  ndrRescheduleDate: {
    type: 'numeric',
    min: 0,
    unit: 's since 1970',
    life: 'message',
    doc: 'When the next attempt is due, in seconds since 1970 UTC. Inside a text it expands to an RFC 5322 date.',
  },
  ndrRcptAddress: {
    type: 'text',
    life: 'message',
    doc: 'The failed recipient; it has a value only inside ndrRcptMessage.',
  },
  ndrRcptFailInfo: {
    type: 'text',
    life: 'message',
    doc: 'Why the delivery to that recipient failed; it has a value only inside ndrRcptMessage.',
  },

  // Notices of success.
  dsnSender: {
    type: 'text',
    life: 'message',
    doc: 'Address in the From field of the success notice.',
  },
  dsnSubject: {
    type: 'text',
    life: 'message',
    doc: 'Subject of the success notice.',
  },
  dsnMessage: {
    type: 'text',
    life: 'message',
    doc: 'Opening text of the success notice.',
  },
  dsnRcptMessage: {
    type: 'text',
    life: 'message',
    doc: 'Text repeated for every delivered recipient; `%dsnRcptAddress%` and `%dsnRcptStatus%` have a value here and nowhere else.',
  },
  dsnMessageFooter: {
    type: 'text',
    life: 'message',
    doc: 'Closing text of the success notice.',
  },
  dsnRcptAddress: {
    type: 'text',
    life: 'message',
    doc: 'The recipient; it has a value only inside dsnRcptMessage.',
  },
  dsnRcptStatus: {
    type: 'text',
    life: 'message',
    doc: 'How the delivery to that recipient ended; it has a value only inside dsnRcptMessage.',
  },
} as const;

/**
 * The three variables that every registered filter has under its own name, as
 * `ctx.filters['name'].result`; they exist in every SMTPIn event.
 */
export const FILTER_SLOT = {
  result: {
    type: 'choice',
    values: ['NotRun', 'Clean', 'Match', 'Error'],
    default: 'NotRun',
    life: 'message',
    access: 'in',
    doc: 'How the latest run of the filter ended: not run yet, nothing found, something found, or the filter could not be used.',
  },
  action: {
    type: 'choice',
    values: ['accept', 'reject', 'tmpreject', 'discard', 'pass'],
    default: 'pass',
    life: 'message',
    access: 'inout',
    doc: 'What will be done because of the filter; `pass` leaves the decision to the next one. A policy may overwrite it.',
  },
  explanation: {
    type: 'text',
    life: 'message',
    access: 'in',
    doc: 'Text that the filter returned; it serves as reply text when the action refuses.',
  },
} as const;

interface SlotSpec extends VariableSpec {
  readonly access: Access;
}

/** Fails to compile when a row of the table lacks a field or has one of a wrong type. */
type Checked<Rows extends Readonly<Record<string, VariableSpec>>> = Rows;
type CheckedSlots<Rows extends Readonly<Record<string, SlotSpec>>> = Rows;

export type VariableName = keyof Checked<typeof VARIABLES>;
export type FilterSlotName = keyof CheckedSlots<typeof FILTER_SLOT>;
