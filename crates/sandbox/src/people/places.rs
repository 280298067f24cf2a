//! Real states, local government areas and towns, and common street names.

/// A town with its local government area and state.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) town: &'static str,
    pub(crate) lga: &'static str,
    pub(crate) state: &'static str,
}

const fn place(town: &'static str, lga: &'static str, state: &'static str) -> Place {
    Place { town, lga, state }
}

pub(super) static PLACES: [Place; 30] = [
    place("Ikorodu", "Ikorodu", "Lagos"),
    place("Surulere", "Surulere", "Lagos"),
    place("Lekki", "Eti-Osa", "Lagos"),
    place("Badagry", "Badagry", "Lagos"),
    place("Abeokuta", "Abeokuta South", "Ogun"),
    place("Ijebu Ode", "Ijebu Ode", "Ogun"),
    place("Ibadan", "Ibadan North", "Oyo"),
    place("Ogbomoso", "Ogbomoso North", "Oyo"),
    place("Osogbo", "Osogbo", "Osun"),
    place("Akure", "Akure South", "Ondo"),
    place("Ado Ekiti", "Ado Ekiti", "Ekiti"),
    place("Ilorin", "Ilorin West", "Kwara"),
    place("Onitsha", "Onitsha North", "Anambra"),
    place("Nnewi", "Nnewi North", "Anambra"),
    place("Nsukka", "Nsukka", "Enugu"),
    place("Owerri", "Owerri Municipal", "Imo"),
    place("Aba", "Aba South", "Abia"),
    place("Abakaliki", "Abakaliki", "Ebonyi"),
    place("Kano", "Nassarawa", "Kano"),
    place("Zaria", "Zaria", "Kaduna"),
    place("Katsina", "Katsina", "Katsina"),
    place("Sokoto", "Sokoto North", "Sokoto"),
    place("Bauchi", "Bauchi", "Bauchi"),
    place("Jos", "Jos North", "Plateau"),
    place("Makurdi", "Makurdi", "Benue"),
    place("Benin City", "Oredo", "Edo"),
    place("Warri", "Warri South", "Delta"),
    place("Port Harcourt", "Port Harcourt", "Rivers"),
    place("Uyo", "Uyo", "Akwa Ibom"),
    place("Gwagwalada", "Gwagwalada", "FCT"),
];

pub(super) static STREETS: [&str; 14] = [
    "Agbara Close",
    "Ahmadu Crescent",
    "Airport Road",
    "Baobab Street",
    "Church Street",
    "Coal Way",
    "Harmony Avenue",
    "Independence Road",
    "Market Road",
    "Mission Street",
    "Palm Grove",
    "Station Road",
    "Unity Close",
    "Zaria Road",
];
