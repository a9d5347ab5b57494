/** The thrift source and the thrift sink: hops that speak Flume's Thrift protocol. */
package io.millrace.components.thrift;
