// Where a label may stand, and in whose words. Each that is found has a neighbour that is left alone.

import { describe, expect, it } from 'vitest';
import { maskedResult, maskedText, packMasker } from '../../support/masking/maskers.ts';

const masker = packMasker();
const text = (written: string): string => maskedText(masker, written);
const isLeft = (written: string) => expect(text(written)).toBe(written);

describe('a label', () => {
  it.each([
    ['after the value, in brackets', 'Shown: U3047043 (driver license)', 'U3047043'],
    ['after a date, in brackets', 'Opened for a minor, 9 January 2001 (date of birth)', '9 January 2001'],
    ['after a BIC, in brackets', 'Reachable under DEUTDEFFXXX (SWIFT).', 'DEUTDEFFXXX'],
    ['after a password, in brackets', 'We reset it to Zebra#322?z (temporary password).', 'Zebra#322?z'],
    ['in brackets after a comma', 'Oakfield LLC (94-4526522, EIN)', '94-4526522'],
    ['with a remark in brackets', 'Account no. (no dashes): 606217296034', '606217296034'],
    ['in several words with a colon', 'Passport number as shown in the MRZ: C01X03I41', 'C01X03I41'],
    ['that names another document in brackets', 'Date of birth (as in passport): 22.04.1985', '22.04.1985'],
    ['on the line above', 'Temporary password\nc0rrect!0627', 'c0rrect!0627'],
    ['with accents', 'Führerscheinnummer: B0723456', 'B0723456'],
    ['with accents, written without', 'Fuhrerscheinnummer: B0723456', 'B0723456'],
    ['of two letters, one beyond ASCII', 'Mme Moreau, née le 12/03/1985', '12/03/1985'],
    ['before a number sign', 'SS# 228759535', '228759535'],
    ['as one word with "number"', 'ACCTNBR 604217296', '604217296'],
    ['as an element of ISO 20022', '<CdtrAcct><Id><Othr><Id>429602138780</Id></Othr></Id></CdtrAcct>', '429602138780'],
    ['as a field of a SWIFT message', ':20:FT26\n:59:/29569861113\nJOHN OAKFIELD', '29569861113'],
    ['as a SWIFT field of a bank', ':57A:DEUTDEFFXXX', 'DEUTDEFFXXX'],
    ['as a Fedwire code', ':57D://FW021000021', '021000021'],
    ['as SQL writes it', "ALTER USER app IDENTIFIED BY 'c0rrect9179z';", 'c0rrect9179z'],
    ['as a shell writes it', 'curl -u app:Zebra9224xY https://core.example', 'Zebra9224xY'],
  ])('%s names its value', (_, written, value) => {
    expect(text(written)).not.toContain(value);
  });

  it.each([
    ['of a count', 'Accounts processed: 10442231'],
    ['of another number', 'Account review by batch: 10442231'],
    ['of a queue', 'Call volume: 4155526'],
    ['joined to what stands before it', 'Order 123456789 and SSN on file'],
    ['of a name at birth', 'Anna Schmidt, geb. Müller, 12.03.2026 geschlossen'],
    ['without its accent', 'Il ne sera débité que le 12/03/2026.'],
    ['that is a verb', 'The tests pass: 1204, fail: 3'],
    ['of an algorithm', 'The password is hashed; password SHA-256, password AES-256.'],
    ['that refers to a variable', 'curl -u $USER:$PASSWORD https://core.example'],
    ['of a reason', "Risk identified by 'Compliance4' today"],
    ['at a time of day', 'log\n:51:02 began'],
    ['of a kind of street', '14 high street banks and 5 Wall Street firms closed branches.'],
    ['of the next parameter', 'GET /statements?account=none&from=2026-01'],
  ])('%s names nothing', (_, written) => isLeft(written));
});

describe('a heading', () => {
  it('says what its column is when no rule names it', () => {
    expect(text('bank,swift_code,city\nSample,DEUTDEFFXXX,Berlin')).toBe('bank,swift_code,city\nSample,‹bic›,Berlin');
    expect(text('| Client | Partner key |\n|---|---|\n| web | a1Br7kGxfJ9qgsAAiClhT99j |')).toContain(
      '| web | ‹entropy› |',
    );
  });

  it('says nothing when it counts, tells a policy, or is a sentence', () => {
    isLeft('Branch,Accounts,Open\nLeeds,104522,12');
    isLeft('System,Password policy\nT24,strict90');
    isLeft('Passwords must have at least 15 characters, a digit and a symbol\nprefers mornings, calls later');
  });

  it('may stand in an INSERT, whose rows it names', () => {
    const rows =
      "INSERT INTO users (login, password, role) VALUES ('jb', 'it''s, Winter', 'teller'), ('mo', 'Zebra', 'x');";
    expect(text(rows)).toBe(
      "INSERT INTO users (login, password, role) VALUES ('jb', '‹password›', 'teller'), ('mo', '‹password›', 'x');",
    );
    expect(text("INSERT INTO c (bic) VALUES ('DEUTDEFFXXX')")).toBe("INSERT INTO c (bic) VALUES ('‹bic›')");
    isLeft("INSERT INTO runs (id, account_type) VALUES (10442231, 'CHECKING');");
    isLeft('INSERT INTO users (login, password) VALUES (');
  });
});

describe('a name in JSON', () => {
  it('is what kind of document a number is of', () => {
    expect(maskedResult(masker, { structuredContent: { idType: 'DRIVERS_LICENSE', idNumber: 'A9038710' } })).toEqual({
      structuredContent: { idType: 'DRIVERS_LICENSE', idNumber: '‹licence›' },
    });
  });

  it('makes no secret of what only speaks about one', () => {
    const about = { passwordResets: 4209, passwordLastChanged: '2026-03-14', passwordPolicy: 'strict' };
    expect(maskedResult(masker, { structuredContent: about })).toEqual({ structuredContent: about });
    expect(maskedResult(masker, { structuredContent: { corePassword: 'strict' } })).toEqual({
      structuredContent: { corePassword: '‹password›' },
    });
  });

  it('names no other value by its kind', () => {
    const counted = { type: 'account', value: 120000 };
    expect(maskedResult(masker, { structuredContent: counted })).toEqual({ structuredContent: counted });
  });
});
