import { createHash } from 'node:crypto';
import { defineTool } from '../tool.ts';

const conditions = ['sunny', 'cloudy', 'rain', 'snow'] as const;
const units = { celsius: '°C', fahrenheit: '°F' } as const;

interface WeatherArguments {
  city: string;
  region?: string;
  unit?: keyof typeof units;
  days?: number;
}

const regionSchema = {
  type: 'string',
  title: 'Region',
  description: 'Where the report is made',
  enum: ['europe', 'americas', 'asia'],
  default: 'europe',
  'x-mcp-header': 'Region',
};

const conditionSchema = { type: 'string', enum: [...conditions] } as const;

export const structured = defineTool<WeatherArguments>({
  name: 'structured',
  title: 'Weather report',
  description:
    'An invented weather report, the same each time for the same city: structured content with an output schema. ' +
    'The region is repeated in a header, Mcp-Param-Region.',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  inputSchema: {
    type: 'object',
    properties: {
      city: {
        type: 'string',
        title: 'City',
        description: 'Name of a city',
        default: 'Delft',
        minLength: 1,
        maxLength: 100,
      },
      region: regionSchema,
      unit: {
        type: 'string',
        title: 'Unit',
        description: 'Unit of the temperatures',
        oneOf: [
          { const: 'celsius', title: 'Celsius' },
          { const: 'fahrenheit', title: 'Fahrenheit' },
        ],
        default: 'celsius',
      },
      days: {
        type: 'integer',
        title: 'Days',
        description: 'How many days to look ahead',
        minimum: 1,
        maximum: 14,
        default: 3,
      },
    },
    required: ['city'],
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      region: { type: 'string' },
      unit: { type: 'string', enum: Object.keys(units) },
      now: {
        type: 'object',
        properties: {
          temperature: { type: 'number' },
          humidity: { type: 'integer', minimum: 0, maximum: 100, description: 'In per cent' },
          condition: conditionSchema,
        },
        required: ['temperature', 'humidity', 'condition'],
      },
      forecast: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            day: { type: 'integer', description: '1 is tomorrow' },
            low: { type: 'number' },
            high: { type: 'number' },
            condition: conditionSchema,
          },
          required: ['day', 'low', 'high', 'condition'],
        },
      },
    },
    required: ['city', 'region', 'unit', 'now', 'forecast'],
  },
  run: ({ city, region = 'europe', unit = 'celsius', days = 3 }) => {
    const now = weatherOf(city, region, 0);
    const temperature = (celsius: number) => (unit === 'celsius' ? celsius : Math.round(celsius * 1.8 + 32));
    const forecast = Array.from({ length: days }, (_, index) => {
      const { celsius, condition } = weatherOf(city, region, index + 1);
      return { day: index + 1, low: temperature(celsius - 6), high: temperature(celsius), condition };
    });
    const report = {
      city,
      region,
      unit,
      now: { temperature: temperature(now.celsius), humidity: now.humidity, condition: now.condition },
      forecast,
    };
    const summary = `${city}: ${report.now.temperature} ${units[unit]}, ${now.condition}. Forecast for ${days} days.`;
    return { content: [{ type: 'text', text: summary }], structuredContent: report };
  },
});

function weatherOf(city: string, region: string, day: number) {
  const [warmth = 0, moisture = 0, sky = 0] = createHash('sha256')
    .update(`${region}/${city}/${day}`)
    .digest();
  return {
    celsius: (warmth % 30) - 2,
    humidity: 30 + (moisture % 60),
    condition: conditions[sky % conditions.length] ?? 'sunny',
  };
}
