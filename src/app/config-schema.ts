/**
 * Every setting of `postern.yaml`, once.
 *
 * A new setting is a new row here and nothing else: type, validation, environment variable, JSON
 * Schema, reference page and `config explain` follow. Defaults are written as an operator would
 * write them. Rows keep the order in which the reference shows them; a default such as
 * `<dataDir>/mail` may only name a row above its own.
 *
 * Callers: config-types (the derived type) and the files that walk the rows.
 */
import type { SettingSpec } from './config-spec.js';

export const SETTINGS = {
  hostname: {
    kind: 'hostname',
    default: '<machine>',
    doc: 'Name that Postern gives itself: in the greeting, in Received fields and towards other servers.',
  },
  dataDir: {
    kind: 'path',
    default: './var',
    doc: 'Folder for everything that must survive a restart: the queue, spool files and traces. It belongs to one running Postern alone.',
  },
  policies: {
    kind: 'list',
    default: ['./policies'],
    maxItems: 100,
    item: { kind: 'path', doc: 'A policy file (.ts or .js), or a folder of them.' },
    doc: 'Policy files and folders, run in this order. Files of one folder run in the order of their names.',
  },
  policyTimeout: {
    kind: 'duration',
    default: '30s',
    min: '10ms',
    max: '10m',
    doc: 'Longest time one handler of a policy may take, unless the policy declares its own timeoutMs.',
  },
  onPolicyFailure: {
    kind: 'choice',
    values: ['tmpreject', 'accept', 'reject'],
    default: 'tmpreject',
    doc: 'What the client is told when a policy throws, takes too long or blocks. tmpreject asks the sender to try again and loses nothing.',
  },
  onIgnoredWrite: {
    kind: 'choice',
    values: ['error', 'ignore'],
    default: 'error',
    doc: 'What a write to a read-only variable, or of a value outside its set, does: error fails the handler, ignore logs it once and goes on.',
  },
  watchPolicies: {
    kind: 'boolean',
    default: true,
    doc: 'Load policy files again when they are saved. A file that does not load leaves the previous policies in force.',
  },
  settingsFile: {
    kind: 'path',
    default: '',
    optional: true,
    doc: 'File of the settings that are in force at once: greeting, limits, address blacklists, block lists. It is read again when it changes. docs/reference/settings.md lists them.',
  },
  workers: {
    kind: 'integer',
    default: 1,
    min: 0,
    max: 256,
    doc: 'Engine processes below the supervisor, which starts them again when they die. 0 runs everything in one process, without a supervisor. This version runs one, whatever larger number is given, and says so in the log.',
  },
  listeners: {
    kind: 'list',
    default: [{}],
    minItems: 1,
    maxItems: 64,
    item: {
      kind: 'object',
      doc: 'One listening address.',
      fields: {
        kind: {
          kind: 'choice',
          values: ['mx', 'submission', 'submissions', 'lmtp'],
          default: 'mx',
          doc: 'Who connects: mx is other mail servers, submission the mail programs of users, submissions the same with TLS from the first octet, lmtp a mail server that hands mail over for delivery here. Many other defaults depend on it.',
        },
        name: {
          kind: 'string',
          default: {
            cases: [
              { when: { kind: 'submission' }, is: 'submission' },
              { when: { kind: 'submissions' }, is: 'submissions' },
              { when: { kind: 'lmtp' }, is: 'lmtp' },
            ],
            otherwise: 'smtp',
          },
          maxLength: 32,
          doc: 'Name of the listener in logs and traces; each listener has its own.',
        },
        host: {
          kind: 'ip',
          default: '127.0.0.1',
          doc: 'Address to listen on. 0.0.0.0 is every IPv4 address of the machine, :: every address.',
        },
        port: {
          kind: 'port',
          default: {
            cases: [
              { when: { kind: 'submission' }, is: 2587 },
              { when: { kind: 'submissions' }, is: 2465 },
              { when: { kind: 'lmtp' }, is: 2424 },
            ],
            otherwise: 2525,
          },
          doc: 'TCP port to listen on. 0 lets the system choose a free one.',
        },
        tls: {
          kind: 'choice',
          values: ['never', 'offered', 'required', 'implicit'],
          default: {
            cases: [
              { when: { kind: 'submission' }, is: 'required' },
              { when: { kind: 'submissions' }, is: 'implicit' },
              { when: { kind: 'lmtp' }, is: 'never' },
            ],
            otherwise: 'offered',
          },
          doc: 'Encryption: offered by STARTTLS; required, so that nothing is accepted before STARTTLS; implicit from the first octet on. It takes tls.certificate; without one, offered is as good as never, and the others are refused.',
        },
        auth: {
          kind: 'choice',
          values: ['never', 'offered', 'required'],
          default: {
            cases: [
              { when: { kind: 'submission' }, is: 'required' },
              { when: { kind: 'submissions' }, is: 'required' },
              { when: { kind: 'lmtp' }, is: 'never' },
            ],
            otherwise: 'offered',
          },
          doc: 'Whether users may log in with AUTH, or must before they send. It takes auth.usersFile; without one, offered is as good as never. Trusted networks need no login.',
        },
        authInClear: {
          kind: 'boolean',
          default: false,
          doc: 'Let passwords come over connections that are not encrypted. Everybody on the way can read them.',
        },
        proxyNetworks: {
          kind: 'list',
          default: [],
          maxItems: 1000,
          item: { kind: 'network', doc: 'An address or a network such as 10.0.0.0/8.' },
          doc: 'Proxies in front of this listener: each of their connections begins with a PROXY header of version 1 or 2, which names the client.',
        },
        xclientNetworks: {
          kind: 'list',
          default: [],
          maxItems: 1000,
          item: { kind: 'network', doc: 'An address or a network such as 10.0.0.0/8.' },
          doc: 'Mail servers in front of this listener: they may say with XCLIENT and XFORWARD who the client is, and who has logged in.',
        },
        earlyTalkerDelay: {
          kind: 'duration',
          default: '0s',
          min: '0s',
          max: '2m',
          doc: 'Wait before the greeting. A client that speaks first shows itself as one that does not follow the protocol. Trusted networks never wait.',
        },
        maxConnections: {
          kind: 'integer',
          default: 5000,
          min: 1,
          max: 100000,
          doc: 'Open connections of this listener; one more is answered 421.',
        },
        maxConnectionsPerIp: {
          kind: 'integer',
          default: {
            cases: [
              { when: { kind: 'lmtp' }, is: '<maxConnections>' },
              {
                when: { host: 'loopback', proxyNetworks: 'empty', xclientNetworks: 'empty' },
                is: '<maxConnections>',
              },
            ],
            otherwise: 50,
          },
          min: 1,
          max: 100000,
          doc: 'Open connections of one client address, or of one /64 of IPv6; one more is answered 421. On a loopback address all clients are programs of this machine, unless they come through a proxy or another mail server.',
        },
        idleTimeout: {
          kind: 'duration',
          default: '5m',
          min: '1s',
          max: '1h',
          doc: 'A connection on which nothing was heard for this long is closed with 421. A TLS handshake has no longer than this either, and at most 60 seconds; then the connection is closed.',
        },
        commandTimeout: {
          kind: 'duration',
          default: '5m',
          min: '1s',
          max: '1h',
          doc: 'Longest time from the first to the last octet of one command. A TLS handshake has no longer than this either, and at most 60 seconds.',
        },
        dataTimeout: {
          kind: 'duration',
          default: '10m',
          min: '1s',
          max: '6h',
          doc: 'Longest time for the transfer of one message.',
        },
        minDataRate: {
          kind: 'size',
          default: '64B',
          min: '0B',
          max: '1GB',
          doc: 'Least average of octets a second in the transfer of one message, looked at after its first 30 seconds. 0 asks for none.',
        },
        trustedNetworks: {
          kind: 'list',
          default: [],
          maxItems: 1000,
          item: { kind: 'network', doc: 'An address or a network such as 10.0.0.0/8.' },
          doc: 'Clients that may relay through this listener and that skip earlyTalkerDelay.',
        },
        lineEnds: {
          kind: 'choice',
          values: ['reject', 'normalize'],
          default: 'reject',
          doc: 'What to do with a message that holds a CR or LF alone: refuse it at its end, or repair it. What is stored holds CRLF only.',
        },
      },
    },
    doc: 'Addresses on which Postern accepts SMTP.',
  },
  tls: {
    kind: 'object',
    doc: 'Encryption of incoming connections.',
    fields: {
      certificate: {
        kind: 'path',
        default: '',
        optional: true,
        doc: 'PEM file with the certificate and, after it, the chain up to its root. Changed files are taken over while running. Without one there is no TLS.',
      },
      key: {
        kind: 'path',
        default: '',
        optional: true,
        doc: 'PEM file with the key of the certificate, without a password.',
      },
      minVersion: {
        kind: 'choice',
        values: ['TLSv1.2', 'TLSv1.3'],
        default: 'TLSv1.2',
        doc: 'Oldest version of TLS that a client may use.',
      },
      hosts: {
        kind: 'list',
        default: [],
        maxItems: 1000,
        item: {
          kind: 'object',
          doc: 'One more certificate.',
          fields: {
            name: {
              kind: 'string',
              default: '',
              maxLength: 253,
              doc: 'Name that the client asks for: mx.example.com, or *.example.com for all names of one label more.',
            },
            certificate: {
              kind: 'path',
              default: '',
              optional: true,
              doc: 'PEM file with the certificate and its chain.',
            },
            key: {
              kind: 'path',
              default: '',
              optional: true,
              doc: 'PEM file with the key of the certificate, without a password.',
            },
          },
        },
        doc: 'Certificates for clients that ask for one of these names. All others get tls.certificate.',
      },
    },
  },
  localDomains: {
    kind: 'list',
    default: ['localhost', 'example.com', 'example.org', 'example.net', 'example.test'],
    maxItems: 10000,
    item: { kind: 'domain', doc: 'A mail domain, or * for all.' },
    doc: 'Domains whose mail is delivered here. Mail for other domains is relayed for trusted clients only.',
  },
  outbound: {
    kind: 'choice',
    values: ['none', 'direct'],
    default: 'none',
    doc: 'Whether mail may leave the machine: none keeps everything here, direct delivers to the servers that DNS names. This version has no outbound delivery and accepts none only.',
  },
  delivery: {
    kind: 'object',
    doc: 'What becomes of mail for localDomains.',
    fields: {
      maildir: {
        kind: 'path',
        default: '<dataDir>/mail',
        doc: 'Folder that holds one Maildir for each local address.',
      },
      routes: {
        kind: 'list',
        default: [],
        maxItems: 1000,
        item: {
          kind: 'object',
          doc: 'One way for some domains.',
          fields: {
            domains: {
              kind: 'list',
              default: [],
              minItems: 1,
              maxItems: 10000,
              item: { kind: 'domainPattern', doc: 'A domain, *.example.com for all below it, or *.' },
              doc: 'Domains of localDomains that go this way. The most specific entry of all routes counts.',
            },
            to: {
              kind: 'destination',
              default: '',
              doc: 'maildir, or the one next hop: lmtp:// or smtp:// with host and port (24 and 25 are the usual ones), or lmtp:/// with the path of a Unix socket. The host is looked up as other programs of the machine would, without MX records.',
            },
            tls: {
              kind: 'choice',
              values: ['never', 'opportunistic', 'required'],
              default: 'opportunistic',
              doc: 'Encryption towards the next hop: opportunistic uses what is offered and takes any certificate, required sends nothing unless the certificate is valid for the host.',
            },
          },
        },
        doc: 'Ways for domains whose mail does not go to the Maildirs. Domains without a route do.',
      },
    },
  },
  queue: {
    kind: 'object',
    doc: 'Accepted mail that waits for its delivery.',
    fields: {
      firstRetry: {
        kind: 'duration',
        default: '5m',
        min: '1s',
        max: '1d',
        doc: 'Wait before the second attempt. Each later wait is longer, up to maxRetry.',
      },
      maxRetry: {
        kind: 'duration',
        default: '8h',
        min: '1s',
        max: '7d',
        doc: 'Longest wait between two attempts.',
      },
      lifetime: {
        kind: 'duration',
        default: '7d',
        min: '1m',
        max: '60d',
        doc: 'After this time a message is tried no more. It is set aside with its reason; postern queue list shows it.',
      },
      spoolThreshold: {
        kind: 'size',
        default: '128KB',
        min: '0B',
        max: '16MB',
        doc: 'Messages above this size are kept as files of their own beside the database.',
      },
      minFreeSpace: {
        kind: 'size',
        default: '100MB',
        min: '0B',
        max: '100TB',
        doc: 'With less than this free on the disk of dataDir, new mail is answered 452.',
      },
    },
  },
  limits: {
    kind: 'object',
    doc: 'What clients may do and send.',
    fields: {
      maxConnections: {
        kind: 'integer',
        default: 10000,
        min: 1,
        max: 1000000,
        doc: 'Open connections of all listeners together; one more is answered 421. Each needs a file descriptor of the process.',
      },
      maxDataSize: {
        kind: 'size',
        default: '10MB',
        min: '1KB',
        max: '4TB',
        doc: 'Largest message, announced with SIZE. Policies may set another value for a session.',
      },
      maxRcptCount: {
        kind: 'integer',
        default: 1000,
        min: 1,
        max: 1000,
        doc: 'Recipients of one message; one more is answered 452. RFC 5321 §4.5.3.1.8 asks for at least 100.',
      },
      maxReceivedHeaders: {
        kind: 'integer',
        default: 30,
        min: 1,
        max: 1000,
        doc: 'Received fields of one message; more of them are taken for a mail loop.',
      },
      maxCommandLength: {
        kind: 'size',
        default: '4KB',
        min: '512B',
        max: '64KB',
        doc: 'Longest command line, with its line end.',
      },
      maxErrors: {
        kind: 'integer',
        default: 20,
        min: 1,
        max: 10000,
        doc: 'Wrong commands of one connection before it is closed with 421.',
      },
    },
  },
  auth: {
    kind: 'object',
    doc: 'Who may log in with AUTH.',
    fields: {
      usersFile: {
        kind: 'path',
        default: '',
        optional: true,
        doc: 'File of users and password hashes, kept by postern user and taken over while running when it changes. Without one AUTH is not offered.',
      },
    },
  },
  dns: {
    kind: 'object',
    doc: 'How names are looked up.',
    fields: {
      servers: {
        kind: 'list',
        default: [],
        maxItems: 16,
        item: { kind: 'server', doc: 'Address of a DNS server, with a port when it is not 53.' },
        doc: 'DNS servers to ask. Empty means those of the system.',
      },
      timeout: {
        kind: 'duration',
        default: '5s',
        min: '10ms',
        max: '1m',
        doc: 'Longest time for one question, with all its repetitions.',
      },
      cacheEntries: {
        kind: 'integer',
        default: 10000,
        min: 0,
        max: 10000000,
        doc: 'Answers kept in memory; 0 keeps none.',
      },
    },
  },
  authenticationResults: {
    kind: 'object',
    doc: 'The header field that tells readers what was checked (RFC 8601).',
    fields: {
      add: {
        kind: 'boolean',
        default: true,
        doc: 'Add the field to messages for which a policy checked SPF, DKIM, DMARC, ARC or reverse DNS.',
      },
      authservId: {
        kind: 'string',
        default: '',
        optional: true,
        doc: 'Name under which the results are given, such as a host name; empty means hostname. Fields under this name that come from outside are removed.',
      },
    },
  },
  dkim: {
    kind: 'object',
    doc: 'Signatures by which receivers know mail of our domains (RFC 6376).',
    fields: {
      keys: {
        kind: 'list',
        default: [],
        maxItems: 1000,
        item: {
          kind: 'object',
          doc: 'One key. Several for one domain make a signature each, such as one with RSA and one with Ed25519.',
          fields: {
            domain: {
              kind: 'domain',
              default: '',
              doc: 'Domain that signs. It also signs for authors in domains below it that have no key of their own.',
            },
            selector: {
              kind: 'string',
              default: '',
              maxLength: 200,
              doc: 'Name of the key: its public half stands in DNS at <selector>._domainkey.<domain>.',
            },
            keyFile: {
              kind: 'path',
              default: '',
              optional: true,
              doc: 'PEM file with the private key, RSA of 2048 bits or Ed25519, without a password. A changed file is taken over while running.',
            },
          },
        },
        doc: 'Private keys. postern check compares them with DNS and shows what is to be published.',
      },
      sign: {
        kind: 'choice',
        values: ['submitted', 'never'],
        default: 'submitted',
        doc: 'What is signed without a policy: submitted is mail of users who have logged in, and of trusted networks of listeners of the kind submission or submissions, when the domain of its From field has a key; a backup MX or gateway must not be among these networks. signDKIM signs in either case.',
      },
      lifetime: {
        kind: 'duration',
        default: '0s',
        min: '0s',
        max: '365d',
        doc: 'How long a signature holds, counted from the time it is made. 0 gives it no end.',
      },
    },
  },
  geoip: {
    kind: 'object',
    doc: 'Databases in MMDB format for checkGeoIp. A file that changes is taken over within seconds; one that cannot be used leaves the database before it in force.',
    fields: {
      country: {
        kind: 'path',
        default: '',
        optional: true,
        doc: 'Country database. Without one GeoIPResult stays empty and no address is banned.',
      },
      asn: {
        kind: 'path',
        default: '',
        optional: true,
        doc: 'Database of autonomous systems. Without one checkGeoIp answers with asn 0.',
      },
    },
  },
  traces: {
    kind: 'object',
    doc: 'Records that explain each decision, for postern explain.',
    fields: {
      keep: {
        kind: 'duration',
        default: '7d',
        min: '1m',
        max: '365d',
        doc: 'Age at which a trace is dropped.',
      },
      maxSize: {
        kind: 'size',
        default: '256MB',
        min: '1MB',
        max: '1TB',
        doc: 'Room for traces; the oldest go first.',
      },
      accepted: {
        kind: 'boolean',
        default: true,
        doc: 'Keep traces of accepted mail as well, not only of refusals.',
      },
    },
  },
  metrics: {
    kind: 'object',
    doc: 'Counters for a monitoring system, over HTTP.',
    fields: {
      enabled: {
        kind: 'boolean',
        default: true,
        doc: 'Offer the metrics.',
      },
      host: {
        kind: 'ip',
        default: '127.0.0.1',
        doc: 'Address to listen on. There is no password: keep it on a private address.',
      },
      port: {
        kind: 'port',
        default: 2580,
        doc: 'TCP port to listen on. 0 lets the system choose a free one.',
      },
    },
  },
  log: {
    kind: 'object',
    doc: 'The log, written to standard output.',
    fields: {
      level: {
        kind: 'choice',
        values: ['debug', 'info', 'warn', 'error'],
        default: 'info',
        doc: 'Least important record that is written.',
      },
      format: {
        kind: 'choice',
        values: ['text', 'json'],
        default: 'text',
        doc: 'text for people, json for programs: one object a line.',
      },
    },
  },
  shutdownTimeout: {
    kind: 'duration',
    default: '30s',
    min: '0s',
    max: '1h',
    doc: 'Time that open sessions and deliveries get to end when Postern stops.',
  },
  watchdog: {
    kind: 'object',
    doc: 'Detection of policies that block the process, such as an endless loop.',
    fields: {
      after: {
        kind: 'duration',
        default: '2s',
        min: '100ms',
        max: '10m',
        doc: 'A handler that lets nothing else run for this long is reported as blocked.',
      },
      disableAfter: {
        kind: 'integer',
        default: 3,
        min: 1,
        max: 1000,
        doc: 'A policy that blocked this often within window is switched off.',
      },
      window: {
        kind: 'duration',
        default: '10m',
        min: '1s',
        max: '1d',
        doc: 'Time over which disableAfter counts.',
      },
    },
  },
} as const;

/** Fails to compile when a row of the table is none. */
type Checked<Rows extends Readonly<Record<string, SettingSpec>>> = Rows;

/** The table as a type; Config is derived from it. */
export type Settings = Checked<typeof SETTINGS>;
