/**
 * The load: frames laid out before, clients that send them, what was answered, and who receives.
 */
package io.millrace.bench.load;
