/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The PROXY protocol, versions 1 and 2: what a load balancer says in front of a connection about
 * its client.
 */
package io.millrace.rpc.proxy;
