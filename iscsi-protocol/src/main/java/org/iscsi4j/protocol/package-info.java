/**
 * iSCSI on the wire, after RFC 7143 and RFC 7144: PDU headers, digests, framing, key=value text,
 * the rules of the operational negotiation, code tables, serial arithmetic and CHAP arithmetic.
 *
 * <p>Nothing in here owns a socket, a thread or a clock. Values are immutable records; the few
 * mutable objects ({@link org.iscsi4j.protocol.PduFramer}, {@link
 * org.iscsi4j.protocol.Crc32cDigest}, {@link org.iscsi4j.protocol.TextAccumulator}, {@link
 * org.iscsi4j.protocol.OperationalNegotiation}) belong to one connection and to the thread that
 * serves it.
 *
 * <p>What a peer does wrong is a {@link org.iscsi4j.protocol.ProtocolException} that carries a
 * reject reason, or a {@link org.iscsi4j.protocol.LoginException} that carries a login status. What
 * the calling program does wrong is an {@link java.lang.IllegalArgumentException}.
 */
package org.iscsi4j.protocol;
