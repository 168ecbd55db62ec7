/**
 * One TCP connection: bytes in become PDUs for the phase that the connection is in, PDUs out become
 * bytes, gathered and written once a batch. Everything here is touched by the connection's loop
 * alone. A plain transport is the socket itself; TLS is an extension, off unless a portal has it.
 *
 * <pre>
 *  socket → Transport → PduReader → Phase (login, then full feature)
 *                                     → PduWriter → Output → Transport → socket
 * </pre>
 */
package org.iscsi4j.target.connection;
