/** report.json and report.html of a project. Flows in: what the report is made of, the templates. Flows out: files by name. */
import type { Assets, GeneratedFiles } from '../target/files.js';
import { makeReport, type ReportSources } from './make-report.js';
import { renderReport } from './render-report.js';

export function reportFiles(sources: ReportSources, assets: Pick<Assets, 'template'>): GeneratedFiles {
  const report = makeReport(sources);
  const html = renderReport(report, {
    page: assets.template('report/report.html.ejs'),
    style: assets.template('report/report.css'),
    script: assets.template('report/report.js'),
  });
  return new Map([
    ['report.json', `${JSON.stringify(report, null, 1)}\n`],
    ['report.html', html],
  ]);
}
