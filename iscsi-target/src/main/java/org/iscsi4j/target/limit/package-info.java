/**
 * How much of the server its peers have, and may have: {@link
 * org.iscsi4j.target.limit.ServerLimits} knows what holds at this moment. What all sessions share
 * is a {@link org.iscsi4j.target.limit.Pool}, of which each takes a {@link
 * org.iscsi4j.target.limit.Share}. Pools are safe from any thread; a share is its owner's alone.
 */
package org.iscsi4j.target.limit;
