// The people of the sample bank and its one service. No passwords: this identity provider is for a laptop.

export interface Person {
  /** `sub`, and the name tests and scripts use. */
  readonly id: string;
  readonly name: string;
  /** What the sign-in page says the person does; not a claim. */
  readonly role: string;
  readonly groups: readonly string[];
}

export const PEOPLE: readonly Person[] = [
  { id: 'ana', name: 'Ana Silva', role: 'Analyst', groups: ['analysts'] },
  { id: 'paul', name: 'Paul Meyer', role: 'Payments approver', groups: ['payments-approvers'] },
  {
    id: 'petra',
    name: 'Petra Novak',
    role: 'Second payments approver',
    groups: ['payments-approvers', 'payments-second-approvers'],
  },
  { id: 'amir', name: 'Amir Haddad', role: 'Auditor', groups: ['auditors'] },
  { id: 'rita', name: 'Rita Okafor', role: 'Records officer', groups: ['auditors', 'records-officers'] },
  { id: 'ivo', name: 'Ivo Brandt', role: 'Incident commander', groups: ['analysts', 'incident-commanders'] },
  { id: 'erin', name: 'Erin Walsh', role: 'Platform engineer', groups: ['platform-engineers'] },
];

export const findPerson = (id: string): Person | undefined => PEOPLE.find((person) => person.id === id);

/** Claims that only a person's token carries. */
export const personClaims = (person: Person) => ({
  name: person.name,
  preferred_username: person.id,
  email: `${person.name.toLowerCase().replace(' ', '.')}@sample-bank.example`,
  groups: [...person.groups],
});

/** How the development sign-in vouches for somebody: they pressed a button (RFC 8176 `user`: presence only). */
export const DEVELOPMENT_ACR = 'urn:countersign:acr:development-no-password';
export const DEVELOPMENT_AMR: readonly string[] = ['user'];

/** The pre-registered service client; its tokens carry `sub` = the client id and nothing about a person. */
export const SERVICE_CLIENT = {
  clientId: 'reconciliation-agent',
  // Not a secret: it opens a laptop's identity provider on 127.0.0.1 and nothing else.
  clientSecret: 'development-only-reconciliation-agent',
} as const;
