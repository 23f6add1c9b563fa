/** An IP address: IPv4 as 32 bits, IPv6 as eight groups of 16 bits. */
export type Address = number | readonly number[]
