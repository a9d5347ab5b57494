/**
 * What Millrace can be connected to: every way of an event between it and what Apache Flume ships,
 * tried with the jars of Flume itself, and the tables of docs/compatibility.md that this comes to.
 */
package io.millrace.systemtests.interop;
