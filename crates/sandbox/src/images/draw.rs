//! Draws portraits, with the noise of a camera, and signatures.

type Color = [u8; 3];

const SKINS: [Color; 4] = [[92, 58, 40], [120, 78, 52], [70, 44, 32], [141, 96, 66]];
const CLOTHES: [Color; 4] = [[36, 64, 122], [122, 44, 52], [40, 98, 66], [196, 186, 160]];
const WALLS: [Color; 4] = [
    [214, 220, 226],
    [200, 208, 190],
    [226, 214, 200],
    [190, 200, 216],
];
const HAIR: Color = [24, 20, 20];
const EYES: Color = [238, 234, 228];
const PUPILS: Color = [30, 20, 16];
const MOUTH: Color = [110, 48, 44];

/// The largest canvas on which shapes are drawn. Larger images repeat its pixels; the grain hides this.
const FINEST: (u32, u32) = (240, 300);

/// An ellipse: centre and radii as fractions of the canvas, and colour.
struct Ellipse(f32, f32, f32, f32, Color);

impl Ellipse {
    fn covers(&self, x: f32, y: f32) -> bool {
        let (across, down) = ((x - self.0) / self.2, (y - self.1) / self.3);
        across * across + down * down <= 1.0
    }
}

/// Returns the pixels of a portrait, three bytes each.
///
/// Faces differ in colours and proportions. `grain` is the most by which noise changes a part of a colour.
pub(super) fn portrait(face: usize, width: u32, height: u32, grain: u32) -> Vec<u8> {
    let (columns, rows) = (width.min(FINEST.0), height.min(FINEST.1));
    let canvas = canvas(face, columns, rows);
    let mut grain = Grain::new(face, grain);
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    for row in 0..height {
        let start = (row * rows / height * columns) as usize;
        let line = &canvas[start..start + columns as usize];
        for column in 0..width {
            pixels.extend_from_slice(&grain.over(line[(column * columns / width) as usize]));
        }
    }
    pixels
}

/// Returns the shapes in front of the wall, without grain.
fn canvas(face: usize, columns: u32, rows: u32) -> Vec<Color> {
    let shapes = shapes(face);
    let wall = WALLS[(face / 2) % WALLS.len()];
    let color = |x: f32, y: f32| {
        let shape = shapes.iter().find(|shape| shape.covers(x, y));
        shape.map_or_else(|| wall.map(|part| shade(part, y)), |shape| shape.4)
    };
    (0..rows * columns)
        .map(|place| {
            let (row, column) = (place / columns, place % columns);
            color(
                (column as f32 + 0.5) / columns as f32,
                (row as f32 + 0.5) / rows as f32,
            )
        })
        .collect()
}

/// Returns the shapes of a face, the foremost first.
fn shapes(face: usize) -> [Ellipse; 9] {
    let skin = SKINS[face % SKINS.len()];
    let cloth = CLOTHES[(face / 4) % CLOTHES.len()];
    let broad = 0.19 + 0.01 * (face % 5) as f32;
    let hair = 0.26 + 0.01 * (face % 3) as f32;
    [
        Ellipse(0.42, 0.40, 0.012, 0.012, PUPILS),
        Ellipse(0.58, 0.40, 0.012, 0.012, PUPILS),
        Ellipse(0.42, 0.40, 0.032, 0.018, EYES),
        Ellipse(0.58, 0.40, 0.032, 0.018, EYES),
        Ellipse(0.50, 0.55, 0.070, 0.016, MOUTH),
        Ellipse(0.50, 0.43, broad, 0.23, skin),
        Ellipse(0.50, 0.36, broad + 0.04, hair, HAIR),
        Ellipse(0.50, 0.68, 0.09, 0.16, skin),
        Ellipse(0.50, 1.02, 0.42, 0.30, cloth),
    ]
}

/// Returns a part of the wall's colour, which is darker towards the bottom.
fn shade(part: u8, y: f32) -> u8 {
    (f32::from(part) * (1.0 - 0.25 * y)) as u8
}

/// Deterministic noise from a seed (xorshift).
struct Grain {
    state: u32,
    reach: u32,
}

impl Grain {
    fn new(seed: usize, reach: u32) -> Self {
        Self {
            state: 0x9e37_79b9 ^ (seed as u32).wrapping_mul(0x85eb_ca6b),
            reach,
        }
    }

    /// Returns the colour with noise added to each part.
    fn over(&mut self, color: Color) -> Color {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        let [red, green, blue, _] = self.state.to_be_bytes();
        [
            self.moved(color[0], red),
            self.moved(color[1], green),
            self.moved(color[2], blue),
        ]
    }

    fn moved(&self, part: u8, noise: u8) -> u8 {
        let up = (u32::from(noise) * (2 * self.reach + 1)) >> 8;
        (u32::from(part) + up).saturating_sub(self.reach).min(255) as u8
    }
}

/// Returns the pixels of a signature, one byte each: a dark curve on white.
pub(super) fn signature(hand: usize, width: u32, height: u32) -> Vec<u8> {
    let mut pixels = vec![255; width as usize * height as usize];
    let hand = hand as f32;
    for step in 0..4_000_u16 {
        let time = f32::from(step) / 4_000.0;
        let swing = time * (34.0 + 5.0 * hand);
        let x = 0.08 + 0.84 * time + 0.045 * (swing * 1.1).cos();
        let y = 0.5 + (0.34 - 0.26 * time) * swing.sin() * (0.6 + 0.4 * (time * 9.0 + hand).cos());
        dot(&mut pixels, width, x * width as f32, y * height as f32);
    }
    pixels
}

fn dot(pixels: &mut [u8], width: u32, x: f32, y: f32) {
    for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let place = (y as usize + down) * width as usize + x as usize + right;
        if let Some(pixel) = pixels.get_mut(place) {
            *pixel = 28;
        }
    }
}
