// How people and programs write the values of the corpus. `{}` is the value. The held-out styles were written after the
// detectors, the fresh ones after what those had missed was mended. What either missed at first led to more words: the
// first numbers, in docs/masking.md, say more than today's.

import type { DetectorId } from '../../../lambdas/core/masking/detectors/catalog.ts';

export interface Styles {
  readonly tuned: readonly string[];
  readonly heldOut: readonly string[];
  readonly fresh: readonly string[];
}

const ANYWHERE: Styles = {
  tuned: [
    'Please charge {} for the booking.',
    'Customer wrote: "{}" and nothing else.',
    '2026-03-01 10:00:01 INFO value={} done',
    '{"note":"seen {} today"}',
    '| 17 | {} | open |',
    'id;value\n1;{}\n2;none\n',
    '<p>Received {} by mail.</p>',
    'Re: your question\n\n{}\n\nKind regards',
  ],
  heldOut: [
    'Agent (14:02): could you repeat that? Caller: sure, it is {}. Agent: thank you.',
    "INSERT INTO notes VALUES (8, '{}', NOW());",
    'payload:\n  - kind: free\n    text: {}\n',
    'The fax reads {} (partly smudged).',
    'curl -d "v={}" https://api.internal.example/v2/notes',
    '* {}\n* second line\n* third line',
  ],
  fresh: [
    'Hi team, pls see {} below, thx!',
    '<td>{}</td><td>n/a</td>',
    '[2026/03/02 09:14] <desk-4> got it: {}',
    'VALUE\t{}\tEND',
    'Dear Sir or Madam, the figure in question is {}; we await your reply.',
    "x = '{}' # from the form",
  ],
};

const labelled = (tuned: readonly string[], heldOut: readonly string[], fresh: readonly string[]): Styles => ({
  tuned,
  heldOut,
  fresh,
});

/** Detectors that need no word beside the value are given none. */
export const STYLES: Readonly<Record<DetectorId, Styles>> = {
  card: ANYWHERE,
  iban: ANYWHERE,
  email: ANYWHERE,
  token: ANYWHERE,
  jwt: ANYWHERE,
  key: {
    tuned: ['Here is the file:\n{}\n', '{"pem":"{}"}', 'config: |\n{}\n'],
    heldOut: ['cat id_rsa\n{}\n$ ', 'see below >>> {} <<<'],
    fresh: ['key_file_contents: >\n{}\n', 'Pasted by user:\n\n{}\n\n-- end of paste'],
  },
  ip: {
    tuned: [
      'Login from {} at noon',
      'client={} status=200',
      '{"remote_addr":"{}"}',
      'Connection refused by {}:443 after 3 tries',
      '{} - - [01/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12',
    ],
    heldOut: [
      'sshd[812]: Accepted publickey for ops from {} port 50122 ssh2',
      'The alert names {} as its source.',
      'allow {};\ndeny all;',
    ],
    fresh: [
      'New device signed in ({}).',
      'src={};dst=0.0.0.0;act=deny',
      'Blocked {} after five attempts',
      'host {} is down',
    ],
  },
  aba: labelled(
    [
      'Routing number: {}',
      'ABA {} for wires',
      '{"routing_number":"{}"}',
      'routing no. {} and account on file',
      'RTN={}',
      'Use routing {} at the branch.',
      'Bank ABA/routing: {}',
    ],
    [
      'Wire instructions: receiving bank {}, ref payroll. Fedwire.',
      'Fedwire participant {}',
      'transit_routing: {}',
      'Caller: the routing one is {}, I think',
      '{} is our routing number',
    ],
    [
      'Pay to routing {} via ACH.',
      'rtn: {}',
      'The ABA number reads {}',
      '<routingNumber>{}</routingNumber>',
      'wire routing {}',
    ],
  ),
  ssn: labelled(
    [
      'SSN: {}',
      'social security number {}',
      '{"ssn":"{}"}',
      'The customer SSN is {} per W-9.',
      'ssn={};',
      'Social Security #: {}',
      'SSN/TIN {}',
      '{} is the SSN on file',
    ],
    [
      'Caller: my social is {}. Agent: thanks.',
      "WHERE social_security = '{}'",
      'soc sec no {}',
      'ssn -> {}',
      'borrower_ssn: {}',
      'Taxpayer (SSN) .... {}',
    ],
    [
      '<ssn>{}</ssn>',
      "Applicant's social security no. is {}",
      'Verify SSN ending... full: {}',
      'co-borrower SSN {}',
      'social sec. number: {}',
    ],
  ),
  itin: labelled(
    ['ITIN: {}', '{"itin":"{}"}', 'Individual taxpayer id {}', 'Her ITIN is {}', 'tax id: {}'],
    [
      'W-7 approved, ITIN {} assigned',
      'TIN (individual) {}',
      'itin_number = {}',
      'Caller: my tax identification number is {}',
    ],
    ['<itin>{}</itin>', "Spouse's ITIN {}", 'ITIN on file - {}', 'taxpayer identification number {}'],
  ),
  ein: labelled(
    [
      'EIN: {}',
      'Employer identification number {}',
      '{"ein":"{}"}',
      'FEIN {} on the 1099',
      'federal tax id: {}',
      'Company EIN is {}',
    ],
    ['Form 941, employer id no. {}', 'ein_of_payer: {}', 'The LLC (EIN {}) signed', 'tax_id={}'],
    ['<ein>{}</ein>', 'employer ID number: {}', 'Vendor FEIN - {}', 'business tax id {}'],
  ),
  account: labelled(
    [
      'Account number: {}',
      'acct {} is overdrawn',
      '{"account_number":"{}"}',
      'Please close account {}.',
      'Acct #{}',
      'Kontonummer: {}',
      'account no. {}',
      'transfer from account {} today',
      'Checking account {}',
    ],
    [
      'Caller: account is {}. Agent: thanks.',
      'debit_account: {}',
      'a/c no {} (savings acct {})'.replace(' (savings acct {})', ''),
      'bank acct: {}',
      "SELECT * FROM t WHERE acct = '{}'",
      'Numéro de compte : {}',
    ],
    [
      '<accountNumber>{}</accountNumber>',
      'into acct {} please',
      'Beneficiary account: {}',
      'Account #: {}',
      'savings account number is {}',
      'IBAN n/a, account {}',
    ],
  ),
  bic: labelled(
    ['BIC: {}', 'SWIFT code {}', '{"bic":"{}"}', 'BIC/SWIFT {} for EUR', 'swift={}'],
    ['Beneficiary bank (SWIFT) {}', 'bic_code: {}', 'Please use BIC {} when you pay', "bank's swift is {}"],
    ['<BIC>{}</BIC>', 'SWIFT/BIC: {}', 'bic is {}', 'SWIFT address {}'],
  ),
  phone: labelled(
    [
      'Phone: {}',
      'call me at {}',
      '{"phone":"{}"}',
      'Tel. {}',
      'mobile {} after six',
      'Contact: {}',
      'My number is {} in case',
    ],
    ['Caller ID {} (verified)', 'ring back on {}', 'fax={}', 'Reach him: {} ext. 12', 'whatsapp {}'],
    ['<tel>{}</tel>', 'Cell - {}', 'phone no. {} (work)', 'Please call {} to confirm', 'T: {}'],
  ),
  address: labelled(
    [
      'Lives at {}.',
      'Address: {}',
      '{"street":"{}"}',
      'Ship to:\nA. Person\n{}\nUSA',
      'moved from {} last year',
      'Please send it to {}, thanks',
    ],
    [
      'The property, {}, was appraised.',
      'addr1={}|addr2=',
      'Caller: I live at {}. Agent: since when?',
      'Anschrift: {}',
      'delivery_to: {}',
    ],
    ['<street>{}</street>', 'resides at {}; verified.', 'Home: {}', 'registered office {}', 'deliver to {} by noon'],
  ),
  birthdate: labelled(
    [
      'DOB: {}',
      'date of birth {}',
      '{"dob":"{}"}',
      'born on {}',
      'Birth date: {}',
      'Born {} in Ohio',
      'birthday is {}',
    ],
    [
      'Caller: I was born {}. Agent: thanks.',
      'geboren am {}',
      'D.O.B.: {}',
      'birth_dt={}',
      'Date de naissance : {}',
      'patient dob ({})',
    ],
    ['<birthDate>{}</birthDate>', 'DoB {} verified', 'Birthday: {}', 'she was born {} in Lyon', 'date of birth - {}'],
  ),
  passport: labelled(
    ['Passport: {}', 'passport number {}', '{"passport":"{}"}', 'Passport No. {} issued in Bonn', 'His passport is {}'],
    ['Travel document (passport) {}', 'Reisepass-Nr. {}', 'passport_no={}', 'shown: passport {}, valid'],
    ['<passportNumber>{}</passportNumber>', 'US passport # {}', 'Passport ID {}', 'holder of passport {}'],
  ),
  licence: labelled(
    [
      "Driver's license {}",
      'driving licence no. {}',
      '{"drivers_license":"{}"}',
      'DL number: {}',
      "Driver's license number: {}",
      'driver license {}',
    ],
    [
      'ID presented: driver license {} (valid)',
      'dl_number={}',
      'Driving licence: {} expires soon',
      "state driver's lic. {}",
    ],
    ['<driversLicense>{}</driversLicense>', "Driver's Lic # {}", 'DL# {}', 'driving license number {}'],
  ),
  password: labelled(
    [
      'password: {}',
      'PASSWORD={}',
      '{"password":"{}"}',
      'The password is {}',
      "pwd='{}'",
      'postgres://app:{}@db.internal:5432/core',
      'passwd = {}',
    ],
    [
      'Passwort: {}',
      'DB_PASSWORD="{}"',
      'user=ops;password={};',
      'my new password is "{}", keep it safe',
      'login: ops / password: {}',
    ],
    ['<password>{}</password>', 'Password = {}', 'pwd: {}', 'mysql -u app --password={}', 'temp password: {}'],
  ),
  entropy: labelled(
    [
      'api_key={}',
      'secret: {}',
      '{"client_secret":"{}"}',
      'Authorization: Bearer {}',
      'access_token="{}"',
      'API key: {}',
      'export SECRET_KEY={}',
    ],
    ['x-api-key: {}', "signing_key => '{}'", 'refreshToken: {}', 'The secret is {} (rotate it)', 'auth token = {}'],
    ['<apiKey>{}</apiKey>', 'API_SECRET={}', 'auth_token: {}', 'Client secret = {}', '--token={}'],
  ),
};
