/** Words the seeded customers are made of. Any likeness to a person is chance. */

export const GIVEN_NAMES = [
  'Amara',
  'Beatrix',
  'Caleb',
  'Dmitri',
  'Elena',
  'Felix',
  'Grace',
  'Hiroshi',
  'Ingrid',
  'Jamal',
  'Katya',
  'Lorenzo',
  'Maya',
  'Noah',
  'Olivia',
  'Priya',
  'Quentin',
  'Rosa',
  'Samuel',
  'Tanvi',
] as const;

export const FAMILY_NAMES = [
  'Abernathy',
  'Brennan',
  'Castellano',
  'Delacroix',
  'Eriksson',
  'Fairweather',
  'Goldberg',
  'Hathaway',
  'Ivanova',
  'Jankowski',
  'Kowalczyk',
  'Lindqvist',
  'Moreau',
  'Nakamura',
  'Okonkwo',
  'Petrov',
  'Quiroga',
  'Rasmussen',
  'Santangelo',
  'Thornbury',
] as const;

export const STREETS = ['Alder Street', 'Birch Avenue', 'Cedar Lane', 'Dogwood Drive', 'Elm Court'] as const;

export const PLACES = [
  { city: 'New York', state: 'NY', postal: '100', areaCode: '212' },
  { city: 'Boston', state: 'MA', postal: '021', areaCode: '617' },
  { city: 'Chicago', state: 'IL', postal: '606', areaCode: '312' },
  { city: 'Austin', state: 'TX', postal: '787', areaCode: '512' },
  { city: 'Seattle', state: 'WA', postal: '981', areaCode: '206' },
] as const;

export const COUNTERPARTIES = [
  { name: 'Halden Grocers', description: 'Card payment' },
  { name: 'Northgate Utilities', description: 'Direct debit, electricity' },
  { name: 'Verdant Insurance', description: 'Premium' },
  { name: 'Kestrel Payroll Services', description: 'Salary' },
  { name: 'Blackwell & Sons Property', description: 'Rent' },
] as const;
