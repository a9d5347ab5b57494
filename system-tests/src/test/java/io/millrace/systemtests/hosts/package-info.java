/**
 * High availability as a whole: agents, collectors, a load balancer and a store on hosts of their
 * own, under steady load, while one after another fails; and the table of docs/high-availability.md
 * that this comes to.
 */
package io.millrace.systemtests.hosts;
