/** Loudness is taken so often, ms. */
const sampleTime = 100
const mostBars = 64
/** What browsers can record, the best first. */
const types = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']

export interface Recorded {
  blob: Blob
  /** Seconds. */
  duration: number
  waveform: number[]
}

/** A voice message that is being spoken. @throws when there is no microphone, or it may not be used */
export class Recording {
  readonly #recorder
  readonly #stream
  readonly #context
  readonly #started = performance.now()
  readonly #loudness: number[] = []
  readonly #chunks: Blob[] = []
  readonly #timer

  private constructor(stream: MediaStream) {
    this.#stream = stream
    const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type))
    this.#recorder = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType })
    this.#recorder.ondataavailable = ({ data }) => this.#chunks.push(data)
    this.#context = new AudioContext()
    const analyser = this.#context.createAnalyser()
    analyser.fftSize = 512
    this.#context.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    this.#timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples)
      this.#loudness.push(Math.max(...samples.map(Math.abs)))
    }, sampleTime)
    this.#recorder.start(1000)
  }

  static async start(): Promise<Recording> {
    return new Recording(await navigator.mediaDevices.getUserMedia({ audio: true }))
  }

  /** Seconds so far. */
  get duration(): number {
    return (performance.now() - this.#started) / 1000
  }

  /** 0..1, the newest last. */
  get loudness(): readonly number[] {
    return this.#loudness
  }

  async stop(): Promise<Recorded> {
    const { duration } = this
    const ended = new Promise((resolve) => this.#recorder.addEventListener('stop', resolve, { once: true }))
    this.#recorder.stop()
    await ended
    this.#end()
    const type = this.#recorder.mimeType.split(';')[0] ?? 'audio/webm'
    return { blob: new Blob(this.#chunks, { type }), duration, waveform: bars(this.#loudness) }
  }

  discard(): void {
    if (this.#recorder.state !== 'inactive') this.#recorder.stop()
    this.#end()
  }

  #end(): void {
    clearInterval(this.#timer)
    for (const track of this.#stream.getTracks()) track.stop()
    void this.#context.close()
  }
}

/** At most `mostBars` numbers, 0..255: the loudest of each stretch. */
function bars(loudness: readonly number[]): number[] {
  const count = Math.max(1, Math.min(mostBars, loudness.length))
  const most = Math.max(0.01, ...loudness)
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * loudness.length) / count)
    const to = Math.max(from + 1, Math.floor(((index + 1) * loudness.length) / count))
    return Math.round((Math.max(0, ...loudness.slice(from, to)) / most) * 255)
  })
}
