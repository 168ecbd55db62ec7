/**
 * The control channel's server: istgt's line protocol, and what goes beyond it. CONTROL.md has the
 * grammar.
 */
package org.iscsi4j.examples.daemon.control;
