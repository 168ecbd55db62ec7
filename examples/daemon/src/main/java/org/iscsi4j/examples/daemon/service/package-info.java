/** A running daemon: what its configuration says, opened and served, and changed while it runs. */
package org.iscsi4j.examples.daemon.service;
