/** Agents of both products as processes, and what they and the kernel say of them. */
package io.millrace.bench.agent;
