/** Figures as tables, pictures and files. */
package io.millrace.bench.report;
