/**
 * RFC 7143, duty by duty, through the scripted initiator: a class for each part of the matrix, a
 * test or more for each of its items.
 */
package org.iscsi4j.target.rfc7143;
