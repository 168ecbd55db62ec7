/**
 * One TCP connection: bytes in become PDUs for the phase that the connection is in, PDUs out become
 * bytes, gathered and written once a batch. Everything here is touched by the connection's loop
 * alone.
 *
 * <pre>
 *  socket → PduReader → Phase (login, then full feature) → PduWriter → Output → socket
 * </pre>
 */
package org.iscsi4j.target.connection;
