/**
 * The login phase (RFC 7143 section 6.3): {@link org.iscsi4j.target.login.LoginPhase} speaks PDUs,
 * {@link org.iscsi4j.target.login.LoginNegotiation} decides, by value and without a socket. What a
 * peer may cost before it is known is bounded in bytes, PDUs, keys and time.
 */
package org.iscsi4j.target.login;
