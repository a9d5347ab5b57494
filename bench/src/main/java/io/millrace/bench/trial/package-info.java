/** What is run and measured, one product at a time. */
package io.millrace.bench.trial;
