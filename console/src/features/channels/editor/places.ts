/** Which form an address shows. */
interface Place {
  pathname: string
  search: object
}

const typeIn = ({ search }: Place): unknown => (search as { type?: unknown }).type

/** True when two addresses show different forms: the provider of a new channel is named by the search alone. */
export function isAnother(here: Place, there: Place): boolean {
  return here.pathname !== there.pathname || typeIn(here) !== typeIn(there)
}
