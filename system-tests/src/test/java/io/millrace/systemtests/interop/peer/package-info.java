/**
 * Clients of Apache Flume behind one interface. Each class is loaded together with the jars of one
 * peer, apart from the tests; see {@link io.millrace.systemtests.interop.PeerJars}.
 */
package io.millrace.systemtests.interop.peer;
